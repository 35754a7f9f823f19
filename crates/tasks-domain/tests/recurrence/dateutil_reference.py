"""What python-dateutil says of recurrence rules, to be compared with ours.

Reads lines `rrule TAB zone TAB start TAB after TAB n` from standard input, with instants as seconds since 1970, and writes for
each line the first n occurrences after `after`, joined by commas. It looks HORIZON seconds ahead of both instants and no
further, since dateutil looks for the next match of a rule that has none to the end of the year 9999.

Three things dateutil gets wrong by RFC 5545 are put right here, and nothing else is:
- BYDAY=MO,1TU is the Mondays and the first Tuesday; dateutil takes the days that are both.
- BYSETPOS of a weekly rule counts from the beginning of the week; dateutil counts from the start in the week that has it.
- Weeks 52 and 53, from either end, of a week over New Year; dateutil guesses the number of weeks of the other year.
"""

import datetime
import sys
from zoneinfo import ZoneInfo

from dateutil import rrule

HORIZON = 45 * 366 * 86400
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
DAY = datetime.timedelta(days=1)


def weeks_of(day, week_start):
    """The number of the day's week, and from the end of the year: a week belongs to the year of its fourth day."""
    fourth = day - DAY * ((day.weekday() - week_start) % 7 - 3)
    first_of_year = datetime.date(fourth.year, 1, 1)
    last_of_year = datetime.date(fourth.year, 12, 31)
    return (fourth - first_of_year).days // 7 + 1, -((last_of_year - fourth).days // 7 + 1)


class Calendar(rrule._iterinfo):
    """dateutil's calendar of a year, with the weeks over New Year numbered right."""

    def rebuild(self, year, month):
        super().rebuild(year, month)
        asked = self.rrule._byweekno
        if asked and any(abs(number) >= 52 for number in asked):
            days = [datetime.date(year, 1, 1) + DAY * i for i in range(self.yearlen + 7)]
            weeks = [weeks_of(day, self.rrule._wkst) for day in days]
            self.wnomask = [any(number in asked for number in week) for week in weeks]


rrule._iterinfo = Calendar


def every_number(entries, most):
    """BYDAY with all entries numbered, where some are."""
    if not any(len(entry) > 2 for entry in entries):
        return entries
    numbered = [entry for entry in entries if len(entry) > 2]
    plain = [entry for entry in entries if len(entry) == 2]
    return numbered + [f"{n}{entry}" for entry in plain for n in range(1, most + 1)]


def series(parts, start):
    """All wall-clock times, for ever."""
    parts = dict(parts)
    first, count = start, None
    if "BYDAY" in parts:
        of_year = parts["FREQ"] == "YEARLY" and "BYMONTH" not in parts
        parts["BYDAY"] = ",".join(every_number(parts["BYDAY"].split(","), 53 if of_year else 5))
    if parts["FREQ"] == "WEEKLY" and "BYSETPOS" in parts:
        parts.setdefault("BYDAY", WEEKDAYS[start.weekday()])
        week_start = WEEKDAYS.index(parts.get("WKST", "MO"))
        first = start - DAY * ((start.weekday() - week_start) % 7)
        count = parts.pop("COUNT", None)
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    found = 0
    for wall in rrule.rrulestr(text, dtstart=first):
        if wall < start:
            continue
        found += 1
        if count is not None and found > int(count):
            return
        yield wall


def is_over(until, wall, instant):
    if until is None:
        return False
    if len(until) == 8:
        return wall.date() > datetime.datetime.strptime(until, "%Y%m%d").date()
    last = datetime.datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    return instant > last.timestamp()


def answer(line):
    rule, zone_name, start, after, n = line.rstrip("\n").split("\t")
    zone, start, after = ZoneInfo(zone_name), int(start), int(after)
    start_wall = datetime.datetime.fromtimestamp(start, zone).replace(tzinfo=None, fold=0)
    parts = dict(part.split("=") for part in rule.split(";"))
    until = parts.pop("UNTIL", None)
    horizon = max(start, after) + HORIZON
    # Where dateutil gives up.
    datetime.MAXYEAR = datetime.datetime.fromtimestamp(horizon, datetime.timezone.utc).year + 1
    found = []
    for wall in series(parts, start_wall):
        instant = int(wall.replace(tzinfo=zone, fold=0).timestamp())
        if instant > horizon or is_over(until, wall, instant) or len(found) == int(n):
            break
        # Two days have one instant where the zone skipped the first.
        if instant > after and instant not in found:
            found.append(instant)
    return ",".join(map(str, found))


if __name__ == "__main__":
    print("\n".join([answer(line) for line in sys.stdin.readlines()]))
