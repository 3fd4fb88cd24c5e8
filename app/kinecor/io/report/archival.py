"""PDF files for archives: PDF/A-2b (ISO 19005-2), so that a report opens and looks the same in decades.

reportlab lays the pages out and embeds the fonts. What the standard asks beyond that is added by pikepdf: colours
defined by an embedded profile (sRGB), the document's properties once more as XMP that names the standard, and streams
written as it demands.
"""

from io import BytesIO

import pikepdf
from reportlab.platypus import BaseDocTemplate

from kinecor import RESEARCH_USE
from kinecor.io.write.colour import SRGB, srgb_profile

# Equal pages make equal bytes, so no file says when it was written; the pages say when they were printed.
_DATE = "2000-01-01T00:00:00+00:00"

# All namespaces at the top, where stricter readers look for them.
_EMPTY = b"""<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"/>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def report_document(
    content: BytesIO, *, size: tuple[float, float], title: str, version: str, language: str = "en"
) -> BaseDocTemplate:
    """A document of reportlab's that writes pages of `size` points to `content`; equal pages make equal bytes."""
    return BaseDocTemplate(
        content,
        pagesize=size,
        title=title,
        author="Kinecor",
        subject=RESEARCH_USE,
        creator=f"Kinecor {version}",
        lang=language,
        invariant=1,
        pageCompression=1,
    )


def archival(pdf: bytes) -> bytes:
    """A PDF of reportlab's as PDF/A-2b."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        profile = document.make_stream(srgb_profile(), N=3)
        intent = pikepdf.Dictionary(
            Type=pikepdf.Name.OutputIntent,
            S=pikepdf.Name.GTS_PDFA1,
            OutputConditionIdentifier=SRGB,
            Info=SRGB,
            DestOutputProfile=profile,
        )
        document.Root.OutputIntents = pikepdf.Array([document.make_indirect(intent)])
        for empty in ("/Trapped", "/Keywords"):  # what has nothing to say may not stand in one of the two places only
            if empty in document.docinfo:
                del document.docinfo[empty]
        document.Root.Metadata = document.make_stream(_EMPTY, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
        with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
            xmp.load_from_docinfo(document.docinfo)
            xmp["xmp:CreateDate"] = xmp["xmp:ModifyDate"] = _DATE
            xmp["pdfaid:part"], xmp["pdfaid:conformance"] = "2", "B"
        document.save(out, preserve_pdfa=True, deterministic_id=True, fix_metadata_version=False)
    return out.getvalue()
