"""The signs of the page, drawn as SVG; the word beside each says the same."""

from rag.schema import Label

# Drawn, not typed: a glyph may be missing or come out as an emoji. Each differs in shape, so that
# a verdict does not rest on colour.
_ICONS: dict[Label, str] = {
    "supported": '<path d="M3.5 8.5l3 3 6-7"/>',
    "partial": '<path d="M8 2.5a5.5 5.5 0 1 0 0 11z" class="fill"/><circle cx="8" cy="8" r="5.5"/>',
    "contested": '<path d="M2.5 6h10M9.5 3l3 3M13.5 10.5h-10M6.5 13.5l-3-3"/>',
    "refuted": '<path d="M4 4l8 8M12 4l-8 8"/>',
    "unsupported": '<circle cx="8" cy="8" r="5.5" stroke-dasharray="2.2 2.2"/>',
}


# What a headline, a refusal, a list of next questions begin with.
SIGNS: dict[str, str] = {
    **{str(label): drawn for label, drawn in _ICONS.items()},
    "yes": _ICONS["supported"],
    "no": _ICONS["refuted"],
    "differ": _ICONS["contested"],
    "list": '<path d="M6 4h8M6 8h8M6 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01"/>',
    "nothing": '<circle cx="7" cy="7" r="4.5"/><path d="M10.5 10.5l3.5 3.5"/>',
    "near": '<circle cx="8" cy="8" r="5.5"/><path d="M8 5v3.5M8 11h.01"/>',
    "period": '<circle cx="8" cy="8" r="5.5"/><path d="M8 4.8V8l2.3 1.6"/>',
    "stopped": '<circle cx="8" cy="8" r="5.5"/><path d="M5.6 5.6h4.8v4.8H5.6z" class="fill"/>',
    "up": (
        '<path d="M2.5 7.5h2.6v6H2.5zM5.1 7.6L8 2.2c1.3.1 1.8 1 1.5 2.2L9 6.6h3.4'
        'c.9 0 1.4.7 1.2 1.5l-1.2 4.3c-.2.7-.7 1.1-1.4 1.1H5.1"/>'
    ),
    "down": (
        '<path d="M2.5 8.5h2.6v-6H2.5zM5.1 8.4L8 13.8c1.3-.1 1.8-1 1.5-2.2L9 9.4h3.4'
        'c.9 0 1.4-.7 1.2-1.5l-1.2-4.3c-.2-.7-.7-1.1-1.4-1.1H5.1"/>'
    ),
    "next": '<path d="M3 8h9M8.5 4L12.5 8l-4 4"/>',
}


def icon_html(name: str) -> str:
    """A drawn sign; the word beside it says the same."""
    return f'<svg class="byline-icon" viewBox="0 0 16 16" aria-hidden="true">{SIGNS[name]}</svg>'
