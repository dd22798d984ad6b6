"""Tables T9 and T9a: the way to the next tier, and when an ambulance is there."""

from __future__ import annotations

import numpy as np
import pytest

from access15.errors import InputError
from access15.outputs.report import report_tables
from access15.study import Study
from access15.study.referral import level_of
from town_files import place, write_town


def with_tiers(folder, tiers, more="", modes='"walk"'):
    """Service points at columns 0, 10, 30 of the southern street, 1 and 2 km apart."""
    study = write_town(folder)
    lines = ["id,name,tier,lon,lat"]
    for i, (column, tier) in enumerate(zip((0, 10, 30), tiers, strict=True)):
        lon, lat = place(column, 0)
        lines.append(f"{i},Point {i},{tier},{lon},{lat}")
    (folder / "clinics.csv").write_text("\n".join(lines) + "\n", "utf-8")
    text = study.read_text("utf-8").replace('"walk", "walk-elder"', f'{modes}, "walk-elder"')
    study.write_text(f"{text}\n{more}", "utf-8")
    return Study.from_toml(study)


def tables(study, lang="en"):
    return report_tables(study.run(parts=("referral",)).findings(), lang)


def test_every_tier_refers_to_the_next_one(tmp_path):
    study = with_tiers(tmp_path, ("村卫生室", "乡镇卫生院", "县医院"), '[emergency]\nreferral_mode = "walk"')
    frame = tables(study)["T9"].frame
    assert frame.iloc[:, 0].tolist() == ["0", "1"]  # the hospital refers to nobody
    assert frame.iloc[:, 3].tolist() == ["Point 1", "Point 2"]
    assert frame.iloc[:, 5].tolist() == pytest.approx([1000 / 80, 2000 / 80], rel=0.01)


def test_a_tier_that_is_missing_is_passed_over(tmp_path):
    study = with_tiers(tmp_path, ("诊所", "", "医院"), '[emergency]\nreferral_mode = "walk"')
    table = tables(study, "zh")["T9"]
    assert table.frame.iloc[:, 5].tolist() == pytest.approx([3000 / 80], rel=0.01)
    assert "1 个类型不明" in table.note


def test_one_tier_has_no_table(tmp_path):
    assert not {"T9", "T9a"} & set(tables(with_tiers(tmp_path, ("诊所", "诊所", ""))))


def test_levels_of_chinese_and_english_tiers():
    first = ("村卫生室", "中心村卫生室", "社区卫生服务站", "village clinic", "doctors")
    second = ("卫生院", "中心卫生院", "卫生院分院", "社区卫生服务中心", "社区卫生服务分中心", "health centre")
    assert [level_of(t) for t in first] == [1] * 5
    assert [level_of(t) for t in second] == [2] * 6
    assert [level_of(t) for t in ("县医院", "hospital", "", "pharmacy")] == [3, 3, 0, 0]


def test_dispatch_comes_before_the_ambulance(tmp_path):
    study = with_tiers(tmp_path, ("", "", ""), "[emergency]\ndispatch_minutes = 7", '"walk", "ambulance"')
    result = study.run(parts=())
    table = report_tables(result.findings())["T9a"]
    times, people = result.times["ambulance"], result.inputs.population.people
    order = np.argsort(times.seconds)
    share = np.cumsum(people[order]) / people.sum()
    by_hand = [times.seconds[order][np.searchsorted(share, s)] / 60 + 7 for s in (0.5, 0.9)]
    total = table.frame.iloc[-1]
    assert total.iloc[4:6].tolist() == pytest.approx(by_hand)
    assert total.iloc[6] == people[times.seconds / 60 + 7 > 15].sum() == 7  # those who live 20 km off
    assert table.frame.iloc[:-1, 6].sum() == 7
    assert "7 min until it leaves" in table.note


def test_a_dispatch_below_nothing_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"dispatch_minutes: must be a number of 0 or more"):
        with_tiers(tmp_path, ("", "", ""), "[emergency]\ndispatch_minutes = -1")
