from tests.lab.tasks.sax.scd_cines import scd_cines


def test_real_studies_become_cines_with_the_experts_phases(shared_data):
    cines = scd_cines(shared_data, "SCD0000101")
    assert len(cines) == 7
    for cine in cines:
        assert cine.source == "real mri"
        assert cine.frames.shape == (20, 112, 112)
        assert [abs(cine.times_s - at).argmin() for at in (cine.ed_s[0], cine.es_s[0])] == [18, 7]
        assert 0.75 < cine.cycle_s < 0.85
        # The heart was found: much changes in the middle of the image, less at its edge.
        change = cine.frames.astype(float).std(axis=0)
        assert change[30:80, 30:80].mean() > 1.5 * change[[0, -1]].mean()
