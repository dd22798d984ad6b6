"""One form of service for each gap, circuits that can be driven, and every reason why one cannot."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

import access15 as a15
from access15.errors import InputError, MismatchError
from access15.model import Facilities, Population
from access15.outreach import Outreach, bases_of_tier, follow_plan, name_residents, settlements_beyond
from access15.testing import street_map

# Three kilometres from letter to letter: 37.5 minutes on foot. X and Y are an island.
LINE = street_map("A--B--C--D--E--F  X--Y", scale_m=1000)
PEOPLE = {"A": 10, "B": 50, "C": 400, "D": 2000, "E": 60, "F": 70, "X": 30}


def found(people=PEOPLE, **options):
    clinic, living = LINE.facilities("A"), LINE.population(people)
    times = a15.nearest_times(LINE.network, clinic, living, a15.WALK)
    return clinic, living, a15.find_gaps(LINE.network, clinic, living, times, 15, **options)


def planned(people=PEOPLE, *, rules=None, sites=None, bases=None, **options) -> Outreach:
    clinic, _, gaps = found(people, **options)
    given = a15.OutreachRules(**(rules or {}))
    return a15.plan_outreach(LINE.network, clinic, gaps, rules=given, sites=sites, bases=bases)


def by_people(plan: Outreach, column: str) -> dict[float, object]:
    return dict(zip(plan.gaps.table["people"], plan.gaps.table[column], strict=True))


def drive_s(start: str, stop: str) -> float:
    matrix = a15.travel_times(
        LINE.network, LINE.facilities(start), LINE.population({stop: 1}), a15.DRIVE, direction="from"
    )
    return float(matrix.seconds[0])


def test_each_gap_gets_one_form_and_somebody_who_gives_it():
    plan = planned()
    assert by_people(plan, "recommendation") == {
        2000: "fixed clinic", 400: "resident service", 50: "mobile circuit", 60: "mobile circuit",
        70: "mobile circuit", 30: "mobile circuit",
    }  # fmt: skip
    assert by_people(plan, "served_by") == {2000: "g1", 400: None, 50: "m1", 60: "m1", 70: "m1", 30: None}
    assert by_people(plan, "mobile_people") == {2000: 0, 400: 0, 50: 50, 60: 60, 70: 70, 30: 0}
    assert by_people(plan, "problem")[30] == "no base within a day"


def test_a_new_clinic_extends_its_service_to_neighbours():
    near = planned(rules={"extension_minutes": 40})  # C and E are 37.5 min from D
    assert by_people(near, "recommendation")[400] == "neighbour-village extension"
    assert by_people(near, "served_by") == {2000: "g1", 400: "g1", 60: "g1", 50: "m1", 70: "m1", 30: None}


def test_the_facility_that_extends_its_service_is_named():
    plan = planned(extension_minutes=40)
    assert by_people(plan, "recommendation")[50] == "neighbour-village extension"
    assert by_people(plan, "served_by")[50] == "A"


def test_a_proposed_site_serves_the_gaps_it_reaches():
    site = LINE.facilities("F")
    plan = planned(
        sites=dataclasses.replace(site, id=np.array(["s"], object)), rules={"extension_minutes": 40}
    )
    assert by_people(plan, "served_by") == {2000: "g1", 400: "g1", 60: "s", 50: "m1", 70: "s", 30: None}
    assert by_people(plan, "recommendation")[70] == "fixed clinic"
    assert by_people(plan, "recommendation")[60] == "neighbour-village extension"


def test_gaps_follow_a_plan_without_circuits():
    _, _, gaps = found()
    site = dataclasses.replace(LINE.facilities("F"), id=np.array(["s"], object))
    after = follow_plan(LINE.network, gaps, site, a15.OutreachRules(extension_minutes=40))
    form, by = (
        dict(zip(after.table["people"], after.table[c], strict=True)) for c in ("recommendation", "served_by")
    )
    plan = planned(sites=site, rules={"extension_minutes": 40})
    assert form == by_people(plan, "recommendation")
    # But for the circuits, which nobody routed, the same people give the same service.
    assert by == {k: v if v != "m1" else None for k, v in by_people(plan, "served_by").items()}
    assert "served_by" not in gaps.table


def test_the_nearest_centre_sends_the_staff_of_resident_service():
    _, _, gaps = found()
    gaps = follow_plan(LINE.network, gaps, LINE.facilities("A"))
    staffed = name_residents(LINE.network, gaps, LINE.facilities("B", "F"))
    by = dict(zip(staffed.table["people"], staffed.table["served_by"], strict=True))
    assert by[400] == "B"  # C is nearer to B than to F
    assert by[50] is None  # a circuit is no resident service
    nobody = name_residents(LINE.network, gaps, LINE.facilities("X"))
    assert dict(zip(nobody.table["people"], nobody.table["served_by"], strict=True))[400] is None


def test_a_circuit_is_recomputed_from_the_travel_times():
    plan = planned(rules={"visits_per_month": 2, "stop_minutes": 30})
    row = plan.circuits.iloc[0]
    path = ["A", *({50: "B", 60: "E", 70: "F"}[p] for p in plan.stops["people"]), "A"]
    legs = [np.ceil(drive_s(a, b)) for a, b in pairwise(path)]
    assert (row["base_id"], row["stops"], row["people"]) == ("A", 3, 180)
    assert row["drive_s"] == sum(legs)
    assert row["stop_s"] == 3 * 30 * 60
    assert row["vehicle_hours"] == pytest.approx((sum(legs) + 5400) * 2 / 3600)
    assert row["geometry"].length == pytest.approx(30_000)  # to F, 15 km away, and back
    assert plan.stops["visit"].tolist() == [1, 2, 3]
    assert plan.stops["walk_m"].tolist() == [0, 0, 0]


def test_mobile_people_are_never_covered():
    clinic, living, gaps = found()
    times = a15.nearest_times(LINE.network, clinic, living, a15.WALK)
    before = a15.coverage(times, living, minutes=15).table
    plan = a15.plan_outreach(LINE.network, clinic, gaps)
    assert a15.coverage(times, living, minutes=15).table.equals(before)
    assert plan.gaps.table["people"].sum() == gaps.table["people"].sum() == living.total - 10
    assert "served_by" not in gaps.table  # what was given stays as it was


def test_a_day_too_short_for_a_stop_says_how_long_it_must_be():
    whole = (2 * np.ceil(drive_s("A", "F")) + 3600) / 60
    plan = planned(rules={"day_minutes": whole - 1})
    problem = by_people(plan, "problem")
    assert problem[70] == "day too short"
    assert by_people(plan, "alone_s")[70] == whole * 60
    assert problem[50] is None
    assert by_people(plan, "circuit_id")[70] is None


def test_a_place_far_from_a_street_for_vehicles_is_listed():
    clinic = LINE.facilities("A")
    a, b = LINE.places["A"], LINE.places["B"]
    living = Population.of([a[0], b[0]], [a[1], b[1] + 1200], [10, 50], clinic.crs)
    times = a15.nearest_times(LINE.network, clinic, living, a15.WALK)
    gaps = a15.find_gaps(LINE.network, clinic, living, times, 15)
    plan = a15.plan_outreach(LINE.network, clinic, gaps)
    assert plan.gaps.table["problem"].tolist() == ["no street for vehicles near"]
    wider = a15.plan_outreach(LINE.network, clinic, gaps, rules=a15.OutreachRules(stop_within_m=1500))
    assert wider.stops["walk_m"].tolist() == [pytest.approx(1200)]


def test_few_vehicles_serve_the_most_people_and_the_others_are_listed():
    rules = {"vehicles": 1, "visits_per_month": 21, "day_minutes": 140}
    plan = planned(rules=rules)  # one circuit of one stop: two take two hours without driving
    assert by_people(plan, "mobile_people")[70] == 70
    assert by_people(plan, "problem")[50] == "no vehicle left"


def test_where_vehicles_are_few_a_base_further_off_helps():
    rules = {"vehicles": 1, "visits_per_month": 21, "day_minutes": 140}
    plan = planned({"A": 10, "E": 60, "F": 70}, rules=rules, bases=LINE.facilities("D", "A"))
    assert by_people(plan, "mobile_people") == {60: 60, 70: 70}
    assert plan.circuits[["base_id", "people"]].values.tolist() == [["D", 70], ["A", 60]]


def test_vehicles_needed_at_a_base():
    plan = planned(rules={"day_minutes": 120, "visits_per_month": 12})  # a day for each stop
    assert len(plan.circuits) * 12 / 21 == pytest.approx(plan.circuits["base_vehicles"].iloc[0], abs=1)
    assert plan.circuits["base_vehicles"].iloc[0] >= len(plan.circuits) * 12 / 21


def test_no_gap_no_circuit():
    plan = planned({"A": 10})
    assert len(plan.circuits) == len(plan.stops) == len(plan.gaps) == 0


def test_settlements_beyond_are_all_listed_with_what_is_recommended():
    clinic, living, gaps = found()
    plan = a15.plan_outreach(LINE.network, clinic, gaps)
    listed = settlements_beyond(LINE.network, clinic, living, plan, LINE.facilities("A", "B", "F", "Y"))
    assert listed["settlement_id"].tolist() == ["Y", "F", "B"]  # A is within
    assert listed["status"].tolist() == ["unreachable", "too far", "too far"]
    assert listed["circuit_id"].tolist() == [None, "m1", "m1"]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"stop_minutes": 0}, "stop_minutes must be a number above 0"),
        ({"vehicles": 1, "visits_per_month": 30}, "lower visits_per_month or add vehicles"),
        ({"day_minutes": float("nan")}, "day_minutes must be a number above 0"),
    ],
)
def test_rules_that_make_no_sense(rules, message):
    with pytest.raises(InputError, match=message):
        a15.OutreachRules(**rules)


def test_bases_that_cannot_be_used():
    with pytest.raises(InputError, match="none of the 1 bases of mobile circuits is near a street"):
        planned(bases=Facilities.of([900_000], [5_500_000], LINE.facilities("A").crs))
    with pytest.raises(InputError, match="there is no base for mobile circuits"):
        planned(bases=Facilities.of([], [], LINE.facilities("A").crs))
    with pytest.raises(
        InputError, match="no facility has the tier '卫生院', so mobile circuits have no base"
    ):
        bases_of_tier(LINE.facilities("A"), ("卫生院",))


def test_gaps_of_other_facilities_are_refused():
    _, _, gaps = found()
    with pytest.raises(MismatchError, match="the gaps and these facilities do not belong together"):
        a15.plan_outreach(LINE.network, LINE.facilities("B"), gaps)
