"""The ring, its samples, and who wears it."""

from __future__ import annotations

from annulet.contract.documents.quantities import Age, Bpm, HeightM, Instant, Percent, WeightKg
from annulet.contract.documents.reading import Document


class HeartRateSample(Document, frozen=True, kw_only=True):
    """One heart-rate sample; the spacing is irregular.

    Attributes:
        timestamp: UTC.
        timestamp_unix: The same in milliseconds since 1970.
        bpm: Beats per minute.
        source: ``awake``, ``rest``, ``sleep``, ``workout``, ``live``, ``session`` or newer.
    """

    timestamp: Instant | None = None
    timestamp_unix: int | None = None
    bpm: Bpm | None = None
    source: str | None = None


class RingBatterySample(Document, frozen=True, kw_only=True):
    """One reading of the ring's battery.

    Attributes:
        timestamp: UTC.
        timestamp_unix: The same in milliseconds since 1970; often absent.
        charging: Whether it was charging.
        in_charger: Whether it lay in the charger.
        level: Percent, 0 to 100.
    """

    timestamp: Instant | None = None
    timestamp_unix: int | None = None
    charging: bool | None = None
    in_charger: bool | None = None
    level: Percent | None = None


class RingConfiguration(Document, frozen=True, kw_only=True):
    """A ring the person has or had; the current one has the newest ``set_up_at``.

    Attributes:
        id: Oura's identifier of the document.
        color: Oura's word.
        design: Oura's word.
        firmware_version: The firmware.
        hardware_type: ``gen3``, ``gen4``, ``or5`` or another.
        set_up_at: When it was set up, UTC.
        size: US ring size.
    """

    id: str | None = None
    color: str | None = None
    design: str | None = None
    firmware_version: str | None = None
    hardware_type: str | None = None
    set_up_at: Instant | None = None
    size: int | None = None


class PersonalInfo(Document, frozen=True, kw_only=True):
    """The person who wears the ring; without the permission only ``id`` is present.

    Attributes:
        id: Oura's identifier of the person.
        age: Years.
        weight: Kilograms.
        height: Metres.
        biological_sex: Oura's word.
        email: The e-mail address of the Oura account.
    """

    id: str | None = None
    age: Age | None = None
    weight: WeightKg | None = None
    height: HeightM | None = None
    biological_sex: str | None = None
    email: str | None = None
