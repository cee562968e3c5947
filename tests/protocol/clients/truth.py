"""What is true about a person's last night, and whether an answer says so."""

import json


def truth(cloud, person="plain"):
    """What is true about the person's last night, from the simulator."""
    known = cloud.people[person].truth
    night = known.night(known.today)
    return {
        "total_sleep_min": round(night.total / 60),
        "sleep_score": known.day(known.today).sleep_score,
    }


def is_right(answer, expected):
    """Whether the answer, as the model saw it, has the night's true figures."""
    payload = _object_in(answer)
    if payload is None or not payload["table"]["rows"]:
        return False
    row = dict(zip(payload["table"]["columns"], payload["table"]["rows"][-1], strict=True))
    return all(row.get(name) == value for name, value in expected.items())


def _object_in(text):
    """The answer's JSON object, however the client has wrapped or escaped it."""
    for candidate in (text, text.replace('\\"', '"').replace("\\\\", "\\")):
        start = candidate.find('{"summary"')
        if start < 0:
            start = candidate.find('{"period"')
        if start >= 0:
            try:
                return json.JSONDecoder().raw_decode(candidate[start:])[0]
            except ValueError:
                continue
    return None
