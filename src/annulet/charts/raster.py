"""SVG to PNG, with the bundled fonts and no others: the same picture on every machine."""

from __future__ import annotations

from contextlib import ExitStack
from importlib.resources import as_file, files

_FONTS = ("Inter-Regular.otf", "Inter-SemiBold.otf")


def png(svg: str, scale: float = 2.0) -> bytes:
    """Return the picture as PNG bytes, `scale` pixels for each unit of the SVG.

    Raises:
        ValueError: If it cannot be drawn; colours of the ``page`` theme need a browser.
    """
    # Loaded here: a compiled library that only those pay for who ask for a PNG.
    from resvg_py import svg_to_bytes

    if "var(--" in svg:
        raise ValueError("A PNG needs the light or the dark theme.")
    with ExitStack() as stack:
        folder = files("annulet.charts").joinpath("fonts")
        # Without fonts the words would vanish in silence.
        fonts = [str(stack.enter_context(as_file(folder.joinpath(name)))) for name in _FONTS]
        image = svg_to_bytes(
            svg_string=svg,
            zoom=scale,
            font_files=fonts,
            skip_system_fonts=True,
            font_family="Inter",
            sans_serif_family="Inter",
        )
    return bytes(image)
