"""Where an image lies in its widget: zoom, pan, and the way from image pixels to widget pixels and back."""

from dataclasses import dataclass, replace

MAX_ZOOM = 12.0


@dataclass(frozen=True, slots=True)
class Viewport:
    """Maps image pixels (x = column, y = row, centres at integers) to widget pixels and back.

    Attributes:
        columns, rows: size of the image.
        width, height: size of the widget.
        aspect: height of an image pixel over its width (row spacing / column spacing).
        zoom: 1 fits the whole image.
        centre_x, centre_y: the image point in the middle of the widget.

    """

    columns: int
    rows: int
    width: float
    height: float
    aspect: float = 1.0
    zoom: float = 1.0
    centre_x: float = 0.0
    centre_y: float = 0.0

    @classmethod
    def fitted(cls, columns: int, rows: int, width: float, height: float, aspect: float = 1.0) -> "Viewport":
        """The whole image, as large as possible, centred."""
        return cls(columns, rows, width, height, aspect, 1.0, (columns - 1) / 2, (rows - 1) / 2)

    def around(self, x: float, y: float, side: float) -> "Viewport":
        """A square region of the image (its centre, and its side in columns), as large as possible."""
        fit = min(self.width / self.columns, self.height / (self.rows * self.aspect))
        close = min(self.width, self.height) / max(side, 1.0)
        return replace(self, zoom=min(max(close / max(fit, 1e-6), 1.0), MAX_ZOOM), centre_x=x, centre_y=y)

    @property
    def scale_x(self) -> float:
        """Widget pixels per column."""
        fit = min(self.width / self.columns, self.height / (self.rows * self.aspect))
        return max(fit * self.zoom, 1e-6)

    @property
    def scale_y(self) -> float:
        """Widget pixels per row."""
        return self.scale_x * self.aspect

    @property
    def image_box(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the whole image, in widget pixels."""
        return *self.to_widget(-0.5, -0.5), self.columns * self.scale_x, self.rows * self.scale_y

    def to_widget(self, x: float, y: float) -> tuple[float, float]:
        """The widget position of an image point."""
        return (
            self.width / 2 + (x - self.centre_x) * self.scale_x,
            self.height / 2 + (y - self.centre_y) * self.scale_y,
        )

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """The image point at a widget position."""
        return (
            self.centre_x + (x - self.width / 2) / self.scale_x,
            self.centre_y + (y - self.height / 2) / self.scale_y,
        )

    def resized(self, width: float, height: float) -> "Viewport":
        """The same view in a widget of another size."""
        return replace(self, width=width, height=height)

    def zoomed(self, factor: float, x: float, y: float) -> "Viewport":
        """Zoomed around a widget position; never smaller than the whole image."""
        zoom = min(max(self.zoom * factor, 1.0), MAX_ZOOM)
        if zoom == 1.0:
            return Viewport.fitted(self.columns, self.rows, self.width, self.height, self.aspect)
        image_x, image_y = self.to_image(x, y)
        new = replace(self, zoom=zoom)
        return replace(
            new,
            centre_x=image_x - (x - self.width / 2) / new.scale_x,
            centre_y=image_y - (y - self.height / 2) / new.scale_y,
        )

    def placed(self, zoom: float, centre_x: float, centre_y: float) -> "Viewport":
        """Another zoom and place (image pixels) in the same widget."""
        return replace(self, zoom=zoom, centre_x=centre_x, centre_y=centre_y)

    def panned(self, dx: float, dy: float) -> "Viewport":
        """Moved by some widget pixels; the centre stays on the image."""
        return replace(
            self,
            centre_x=min(max(self.centre_x - dx / self.scale_x, 0.0), self.columns - 1.0),
            centre_y=min(max(self.centre_y - dy / self.scale_y, 0.0), self.rows - 1.0),
        )
