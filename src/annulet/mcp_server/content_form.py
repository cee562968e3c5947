"""In which form the answers of tools are sent: as text, as structured content, or as both."""

from __future__ import annotations

from typing import Final, Literal

ContentForm = Literal["both", "text", "structured"]
CONTENT_FORMS: Final[tuple[ContentForm, ...]] = ("both", "text", "structured")
