"""Service points from OSM: what counts, what is one facility, what is set aside."""

import os
from pathlib import Path

import pytest

from access15.errors import InputError, MissingFileError
from access15.sources.care_tags import judge
from access15.sources.osm_places import candidates_from_osm
from access15.sources.osm_points import facilities_from_osm
from access15.sources.osm_settlements import settlements_from_osm
from access15.sources.water import read_water

SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "monaco" / "monaco.osm.pbf"
METRE = 1 / 111_000  # degrees near the equator, where the drawn places lie


class Place:
    """A small OSM file with points and squares, in metres from 0.1, 0.1 degrees."""

    def __init__(self) -> None:
        self.nodes: list[str] = []
        self.others: list[str] = []
        self.next = 1000

    def point(self, osm_id: int, x: float, y: float, **tags: str) -> "Place":
        self.nodes.append(self._node(osm_id, x, y, tags))
        return self

    def square(
        self, osm_id: int, x: float, y: float, side: float, closed: bool = True, **tags: str
    ) -> "Place":
        corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
        ids = [self.next + k for k in range(4)]
        self.next += 4
        self.nodes += [self._node(i, a, b, {}) for i, (a, b) in zip(ids, corners, strict=True)]
        refs = "".join(f'<nd ref="{i}"/>' for i in (ids + ids[:1] if closed else ids))
        self.others.append(f'<way id="{osm_id}" version="1">{refs}{self._tags(tags)}</way>')
        return self

    def _node(self, osm_id: int, x: float, y: float, tags: dict[str, str]) -> str:
        return (
            f'<node id="{osm_id}" version="1" lon="{0.1 + x * METRE:.7f}" lat="{0.1 + y * METRE:.7f}">'
            f"{self._tags(tags)}</node>"
        )

    @staticmethod
    def _tags(tags: dict[str, str]) -> str:
        return "".join(f'<tag k="{k.replace("__", ":")}" v="{v}"/>' for k, v in tags.items())

    def write(self, path: Path) -> Path:
        nodes = sorted(self.nodes, key=lambda n: int(n.split('"')[1]))
        path.write_text(f'<osm version="0.6">{"".join(nodes)}{"".join(self.others)}</osm>', encoding="utf-8")
        return path


def read(place: Place, tmp_path: Path, points: str = "care"):
    return facilities_from_osm(place.write(tmp_path / "place.osm"), points)


@pytest.mark.parametrize(
    ("tags", "tier"),
    [
        ({"amenity": "hospital"}, "hospital"),
        ({"amenity": "clinic"}, "clinic"),
        ({"amenity": "doctors"}, "doctors"),
        ({"amenity": "health_post"}, "health post"),
        ({"healthcare": "hospital"}, "hospital"),
        ({"healthcare": "centre"}, "health centre"),
        ({"healthcare": "doctor"}, "doctors"),
        ({"healthcare": "doctor;physiotherapist"}, "doctors"),
        ({"amenity": "clinic", "name": "城东社区卫生服务中心"}, "社区卫生服务中心"),
        ({"amenity": "hospital", "healthcare:speciality": "radiology"}, "hospital"),
        ({"amenity": "clinic", "healthcare:speciality": "general;radiology"}, "clinic"),
        ({"amenity": "hospital", "name": "Hospital and Pharmacy of Saint Anne"}, "hospital"),
        ({"amenity": "clinic", "disused": "no"}, "clinic"),
    ],
)
def test_what_counts(tags, tier):
    verdict = judge(tags)
    assert verdict is not None
    assert verdict.counts
    assert verdict.tier == tier


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"amenity": "pharmacy"}, "a pharmacy by its tags"),
        ({"healthcare": "dentist"}, "a dentist"),
        ({"healthcare": "laboratory"}, "a laboratory"),
        ({"healthcare": "physiotherapist"}, "a physiotherapist"),
        ({"healthcare": "optometrist"}, "an optician"),
        ({"amenity": "clinic", "healthcare": "laboratory"}, "a laboratory"),
        ({"amenity": "dentist", "healthcare": "clinic"}, "a dentist"),
        ({"amenity": "doctors", "healthcare:speciality": "radiology"}, "medical imaging"),
        ({"amenity": "doctors", "name": "Centre d'Imagerie Médicale"}, "medical imaging by its name"),
        (
            {"amenity": "hospital", "name": "Pharmacie du Port"},
            "a pharmacy by its name, mis-tagged as hospital",
        ),
        ({"amenity": "hospital", "name": "爱宠动物医院"}, "a veterinarian"),
        ({"amenity": "clinic", "name": "美美口腔诊所"}, "a dentist"),
        ({"amenity": "clinic", "disused": "yes"}, "closed"),
        ({"amenity": "clinic", "opening_hours": "closed"}, "closed"),
        ({"healthcare": "yes"}, "healthcare=yes is not a service point"),
        ({"building": "hospital"}, "without amenity or healthcare"),
    ],
)
def test_what_is_set_aside(tags, reason):
    verdict = judge(tags)
    assert verdict is not None
    assert not verdict.counts
    assert reason in verdict.reason


def test_other_things_are_not_looked_at():
    assert judge({"amenity": "restaurant", "building": "yes"}) is None
    assert judge({"amenity": "veterinary"}) is None
    assert judge({"disused:amenity": "pharmacy"}) is None


def test_an_area_stands_on_its_surface_and_absorbs_a_point_of_its_name(tmp_path):
    place = Place().square(1, 0, 0, 100, amenity="hospital", name="Saint Anne")
    place.point(2, 50, 200, amenity="hospital", name="SAINT-ANNE").point(
        3, 50, 300, amenity="clinic", name="Saint Anne"
    )
    points = read(place, tmp_path)
    assert list(points.id) == ["n3", "w1"]
    assert points.x[1] == pytest.approx(0.1 + 50 * METRE, abs=1e-6)
    assert dict(points.set_aside) == {"n2": "the same facility as another object: w1"}


@pytest.mark.parametrize(("metres", "facilities"), [(140, 1), (160, 2)])
def test_one_name_within_150_m_is_one_facility(tmp_path, metres, facilities):
    place = (
        Place()
        .point(1, 0, 0, amenity="clinic", name="Pôle Santé")
        .point(2, metres, 0, amenity="clinic", name="pole sante")
    )
    assert len(read(place, tmp_path)) == facilities


def test_unnamed_points_are_one_only_on_the_same_site(tmp_path):
    place = Place().point(1, 0, 0, amenity="clinic").point(2, 20, 0, amenity="clinic")
    place.square(3, 1000, 0, 50, amenity="hospital", name="H").point(4, 1020, 20, amenity="doctors")
    points = read(place, tmp_path)
    assert list(points.id) == ["n1", "n2", "w3"]
    assert points.set_aside[0][0] == "n4"


def test_a_practice_with_its_own_name_in_a_hospital_stays(tmp_path):
    place = (
        Place()
        .square(1, 0, 0, 100, amenity="hospital", name="Saint Anne")
        .point(2, 50, 50, amenity="doctors", name="Dr Wu")
    )
    assert list(read(place, tmp_path).id) == ["n2", "w1"]


def test_part_of_the_name_is_enough_on_the_same_site_only(tmp_path):
    place = Place().square(1, 0, 0, 100, amenity="hospital", name="Heart Centre of Monaco")
    place.point(2, 50, 50, healthcare="clinic", name="Heart Centre").point(
        3, 50, 160, healthcare="clinic", name="Heart Centre"
    )
    assert list(read(place, tmp_path).id) == ["n3", "w1"]


def test_an_unnamed_site_takes_the_name_of_its_only_point(tmp_path):
    points = read(
        Place().square(1, 0, 0, 100, amenity="hospital").point(2, 50, 50, amenity="clinic", name="Caritas"),
        tmp_path,
    )
    assert (list(points.id), list(points.name)) == (["w1"], ["Caritas"])


def test_an_unnamed_ground_of_named_buildings_is_no_facility(tmp_path):
    place = Place().square(1, 0, 0, 500, amenity="hospital")
    place.square(2, 10, 10, 50, amenity="hospital", name="North").square(
        3, 400, 400, 50, amenity="hospital", name="South"
    )
    points = read(place, tmp_path)
    assert list(points.id) == ["w2", "w3"]
    assert dict(points.set_aside)["w1"] == "unnamed ground of another facility: w2, w3"


def test_an_open_outline_is_listed(tmp_path):
    place = (
        Place()
        .point(1, 0, 0, amenity="clinic")
        .square(2, 0, 0, 50, closed=False, amenity="hospital", name="Open")
    )
    assert dict(read(place, tmp_path).set_aside) == {"w2": "its outline is not closed in this file"}


def test_primary_leaves_hospitals_and_their_departments_out(tmp_path):
    place = Place().square(1, 0, 0, 100, amenity="hospital", name="H").point(2, 50, 50, amenity="doctors")
    place.point(3, 900, 0, amenity="doctors", name="Dr Wu")
    points = read(place, tmp_path, "primary")
    assert (list(points.id), points.label) == (["n3"], "primary")
    assert {i for i, _ in points.set_aside} == {"w1", "n2"}


def test_specialities_and_hours_are_kept(tmp_path):
    tags = {
        "amenity": "hospital",
        "healthcare__speciality": "cardiology;surgery",
        "emergency": "yes",
        "opening_hours": "24/7",
    }
    points = read(Place().point(1, 0, 0, **tags), tmp_path)
    assert (points.services[0], points.hours[0]) == ("cardiology;surgery;emergency", "24/7")


def test_bad_files(tmp_path):
    with pytest.raises(MissingFileError, match="does not exist"):
        facilities_from_osm(tmp_path / "no.osm.pbf")
    half = tmp_path / "half.osm.pbf"
    half.write_bytes(SAMPLE.read_bytes()[:200_000])
    with pytest.raises(InputError, match="cannot be read as an OSM file"):
        facilities_from_osm(half)
    garbled = tmp_path / "garbled.osm"
    garbled.write_text("<osm version='0.6'><node id='1' lat='4x.7' lon='7'/></osm>")
    for read_osm in (facilities_from_osm, candidates_from_osm, settlements_from_osm, read_water):
        with pytest.raises(InputError, match=r"garbled\.osm cannot be read as an OSM file .*x\.7"):
            read_osm(garbled)
    with pytest.raises(InputError, match=r"no service point of the set 'care' .1 health objects set aside"):
        read(Place().point(1, 0, 0, amenity="pharmacy"), tmp_path)
    with pytest.raises(InputError, match="'everything' is not known: use care"):
        facilities_from_osm(SAMPLE, "everything")


def test_monaco():
    points = facilities_from_osm(SAMPLE)
    assert list(points.id) == [
        "n7930513065",
        "n9918830820",
        "n9958803696",
        "w49209406",
        "w94252399",
        "w572949998",
    ]
    aside = dict(points.set_aside)
    assert "mis-tagged" in aside["n2287695176"]
    assert "imaging" in aside["n1661205490"]
    assert "ground" in aside["w1017567711"]
    assert aside["n7822502058"].endswith("w94252399")
    assert "hospital building" in aside["w221348096"]
    assert not set(aside) & set(points.id)
    assert list(facilities_from_osm(SAMPLE, "primary").id) == ["n9918830820"]


def test_comoros():
    folder = os.environ.get("ACCESS15_DATA")
    if not folder:
        pytest.skip("ACCESS15_DATA is not set")
    points = facilities_from_osm(Path(folder) / "comoros" / "comores-latest.osm.pbf")
    aside = dict(points.set_aside)
    assert len(points) + len(aside) == 112
    assert aside["n4002475742"].endswith("w783882642")
    assert points.name[list(points.id).index("w549124680")] == "Polyclinique du Croissant Rouge Iranien"
