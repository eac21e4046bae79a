"""Locations, and the platforms that they belong to."""

from __future__ import annotations

from difflib import get_close_matches

LOCATIONS = {
    "ams": "Amsterdam, Netherlands",
    "arn": "Stockholm, Sweden",
    "bog": "Bogotá, Colombia",
    "bom": "Mumbai, India",
    "cdg": "Paris, France",
    "dfw": "Dallas, Texas (US)",
    "ewr": "Secaucus, New Jersey (US)",
    "fra": "Frankfurt, Germany",
    "gru": "São Paulo, Brazil",
    "hkg": "Hong Kong, Hong Kong",
    "iad": "Ashburn, Virginia (US)",
    "jnb": "Johannesburg, South Africa",
    "lax": "Los Angeles, California (US)",
    "lhr": "London, United Kingdom",
    "mad": "Madrid, Spain",
    "nrt": "Tokyo, Japan",
    "ord": "Chicago, Illinois (US)",
    "scl": "Santiago, Chile",
    "sea": "Seattle, Washington (US)",
    "sin": "Singapore, Singapore",
    "sjc": "San Jose, California (US)",
    "syd": "Sydney, Australia",
    "waw": "Warsaw, Poland",
    "yyz": "Toronto, Canada",
    "aws-ap-northeast-1": "AWS AP NorthEast (Tokyo)",
    "aws-ap-south-1": "AWS AP South (Mumbai)",
    "aws-eu-west-1": "AWS EU West (Ireland)",
    "aws-us-east-1": "AWS US East (Virginia)",
    "aws-us-east-2": "AWS US East (Ohio)",
    "aws-us-west-2": "AWS US West (Oregon)",
}
_IN_EUROPE = {"ams", "arn", "cdg", "fra", "jnb", "lhr", "mad", "waw"}
_IN_ASIA = {"bom": "aws-ap-south-1", "hkg": "aws-ap-northeast-1", "nrt": "aws-ap-northeast-1"}


def on_aws(code: str) -> bool:
    """Returns whether a location is one of AWS."""
    return code.startswith("aws-")


def platform_of(code: str) -> str:
    """Returns the platform that a location belongs to."""
    return "aws" if on_aws(code) else "fly"


def moved_to_aws(code: str) -> str:
    """Returns the AWS location that a group of another platform is moved to."""
    return _IN_ASIA.get(code, "aws-eu-west-1" if code in _IN_EUROPE else "aws-us-east-1")


def nearby(code: str, locations: dict[str, str]) -> list[str]:
    """Returns a few other locations of the same platform."""
    return [other for other in locations if other != code and on_aws(other) == on_aws(code)][:3]


def must_exist(code: str, locations: dict[str, str]) -> None:
    """Raises ValueError for a location that does not exist, and names the one that may be meant."""
    if code in locations:
        return
    close = get_close_matches(code, locations, 1) if isinstance(code, str) else []
    hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(locations)};"
    raise ValueError(f"there is no location {code!r}: {hint} fake.add_location() adds one")
