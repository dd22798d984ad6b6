"""What names and types say: tiers, and what is no care for everybody, in six languages."""

import csv
import random
import re
import unicodedata
from importlib import resources

import pytest

from access15.sources import care_words
from access15.sources.care_tags import judge
from access15.sources.care_words import HEAD_FIRST, USES, said_by, tier_of

TIERS = {
    # Chinese: the last institution named wins over the parent it belongs to, the longest word over a shorter one.
    "城东社区卫生服务分中心": "社区卫生服务分中心",
    "河东社区卫生服务中心新都分中心": "社区卫生服务分中心",
    "城东社区卫生服务站": "社区卫生服务站",
    "红旗路社区卫生服务中心梧桐里社区卫生服务站": "社区卫生服务站",
    "红旗路社区卫生服务中心（梧桐里卫生服务站）": "社区卫生服务站",
    "金沙卫生服务中心": "社区卫生服务中心",
    "金沙卫生服务站": "社区卫生服务站",
    "龙华街道民治社区健康服务中心": "社区卫生服务中心",
    "某中心卫生院": "中心卫生院",
    "石塘镇卫生院": "乡镇卫生院",
    "城关街道卫生院": "乡镇卫生院",
    "石塘镇卫生院河西分院": "卫生院分院",
    "石塘镇卫生院（河西分院）": "卫生院分院",
    "石塘镇卫生院下属桃花村卫生室": "村卫生室",
    "桃花村卫生室（石塘镇卫生院）": "村卫生室",
    "石塘镇卫生院桃花村卫生室": "村卫生室",
    "某中心村卫生室": "中心村卫生室",
    "桃花村卫生所": "村卫生室",
    "桃花村卫生站": "村卫生室",
    "红星大队卫生室": "村卫生室",
    "瓦厂卫生室": "村卫生室",
    "学院路社区卫生服务站": "社区卫生服务站",
    "动物园社区卫生服务站": "社区卫生服务站",
    "市口腔医院长青社区卫生服务站": "社区卫生服务站",
    "月牙湖社区卫生服务站": "社区卫生服务站",
    "幸福里社区医院": "社区医院",
    "红旗路社区卫生服务中心东区分站": "社区卫生服务站",
    "国医堂中医馆": "诊所",
    "宁河县人民医院": "县级医院",
    "宁河县医院": "县级医院",
    "滨江市第一人民医院": "医院",
    "滨江市第一人民医院幸福社区卫生服务中心": "社区卫生服务中心",
    "宁河县中医院": "中医院",
    "宁河县妇幼保健计划生育服务中心": "妇幼保健院",
    "宁河县妇幼保健院": "妇幼保健院",
    "妇幼保健院东湖社区卫生服务中心": "社区卫生服务中心",
    "李氏中医诊所": "诊所",
    "仁和综合门诊部": "门诊部",
    "宁河县人民医院门诊部": "县级医院",
    "石塘镇衛生院": "",
    "仁和诊所（南门店）": "诊所",
    "南门社区卫生服务站": "社区卫生服务站",
    "药材公司": "",
    # English
    "St Mary Health Centre": "health centre",
    "Kibera Community Health Center": "health centre",
    "World Vision Health Centre": "health centre",
    "Mbale Health Post": "health post",
    "Sunrise Dispensary": "dispensary",
    "Riverside Family Practice": "doctors",
    "Pumwani Hospital": "hospital",
    "Hill Clinic": "clinic",
    "Medical & Dental Clinic": "clinic",
    "Occidental Hospital": "hospital",
    "World Vision Clinic": "clinic",
    "Labor Union Hospital": "hospital",
    # French: the institution stands before the one it belongs to.
    "Centre de Santé Intégré de Koundji": "health centre",
    "Poste de santé de Hamalé, Centre de santé de Mitsa": "health post",
    "Case de santé de Garin": "health post",
    "Dispensaire Saint-Paul": "dispensary",
    "Centre de santé médical et dentaire Belleville": "health centre",
    "Clinique du Cap": "clinic",
    "Clinique du Haut-Doubs": "clinic",
    "Cabinet médical du Port": "doctors",
    "CHU Ignace Deen": "hospital",
    # Spanish
    "Centro de Salud Los Olivos": "health centre",
    "Puesto de Salud San Juan": "health post",
    "Posta Médica Santa Rosa": "health post",
    "Consultorio local de Villar": "health post",
    "CAP Sant Martí": "health centre",
    "Clínica Médica y Dental Sol": "clinic",
    "Centro de Salud Ojos de Agua": "health centre",
    # Portuguese
    "Unidade Básica de Saúde Restinga": "health centre",
    "UBS Vila Jardim": "health centre",
    "Posto de Saúde Vila Nova": "health post",
    "Clínica da Família Rocinha": "health centre",
    "Centro de Saúde e Odontologia": "health centre",
    "UBS Olhos d'Água": "health centre",
    "Hospital Rei Pelé": "hospital",
    # German
    "Hausarztpraxis Dr. Muster": "doctors",
    "Praxis für Allgemeinmedizin und Zahnmedizin": "doctors",
    "MVZ am Markt": "health centre",
    "Städtisches Krankenhaus": "hospital",
    # Indonesian
    "Puskesmas Kebon Jeruk": "health centre",
    "Puskesmas Pembantu Sukamaju": "health post",
    "Pustu Sukamaju": "health post",
    "Klinik Umum dan Gigi Sehat": "clinic",
    "RSUD Cempaka": "hospital",
}

ASIDE = {
    "a dentist": [
        "美美口腔诊所", "康齿科门诊部", "博爱植牙中心", "Dentalpraxis Nord", "Praxis Dr. med. dent. Schulz", "RSGM Kota", "市口腔医院", "幸福社区卫生服务中心口腔科", "爱牙牙科", "Smile Dental Care", "Dental Hospital",
        "Oral Health Dentistry", "Dental Health Center", "Family Dental Clinic", "Centre de santé dentaire", "Cabinet dentaire Dupont",
        "Chirurgien-dentiste M. Petit", "Clínica Odontológica Norte", "Clínica Dental Luz", "Centro de Salud Bucal", "Ortodoncia Ruiz",
        "Consultório Odontológico Lima", "Clínica Dentária do Porto", "Odontoclinic", "Zahnarztpraxis Huber", "Zahnärzte am Ring",
        "Kieferorthopädie Mitte", "Klinik Gigi Ceria", "Praktek Dokter Gigi Ani", "drg. Budi",
    ],
    "an eye clinic": [
        "明亮眼科医院", "爱视光中心", "Lions Eye Hospital", "City Ophthalmology Clinic", "Clinique ophtalmologique", "Centro Oftalmológico",
        "Hospital de Olhos", "Augenklinik Süd", "Augenarzt Dr. Blau", "Klinik Mata Nusantara", "RS Mata Undaan", "Instituto da Visão", "Clínica de la Visión", "Rumah Sakit Mata",
    ],
    "a beauty clinic": [
        "丽人医疗美容门诊部", "医美诊所", "整形外科医院", "Beauty Skin Clinic", "Aesthetic Medical Centre", "Plastic Surgery Clinic",
        "Centre de médecine esthétique", "Clínica Estética Bella", "Clínica de Cirugía Plástica", "Estética Avançada",
        "Schönheitsklinik", "Klinik Kecantikan Ayu",
    ],
    "a skin clinic": ["Dermatology Clinic", "Dermatologie Dr. Roux", "Dermatología Integral", "Hautarztpraxis Weiss", "康肤皮肤科诊所", "Klinik Kulit"],
    "a veterinarian": [
        "爱宠动物医院", "阳光宠物诊所", "镇兽医站", "Veterinary Clinic", "Animal Hospital", "Pet Clinic", "Clinique vétérinaire",
        "Clínica Veterinaria Patas", "Hospital Veterinário", "Tierarztpraxis Wald", "Kleintierpraxis Vogel", "Klinik Hewan", "drh. Tono",
    ],
    "medical check-ups only": ["康健体检中心", "宁河县人民医院体检中心", "Bilan de santé Centre", "Centro de Reconocimientos Médicos"],
    "disease control or supervision": ["宁河县疾控中心", "宁河县疾病预防控制中心", "卫生监督所"],
    "administration": [
        "宁河县人民医院行政办公楼", "宁河县人民医院（行政楼）", "宁河县卫生健康局", "District Health Office", "Ministry of Health",
        "Direction régionale de la santé", "Secretaría de Salud", "Secretaria Municipal de Saúde", "Gesundheitsamt Mitte",
        "Klinikverwaltung", "Dinas Kesehatan Kota",
    ],
    "internal (医务室), it serves one institution and not the public": ["红星学院医务室", "某大学卫生所", "长江公司职工卫生所", "实验中学校医室"],
    "housing, parking or another side building": ["宁河县人民医院停车场", "宁河县人民医院宿舍", "宁河县人民医院东门"],
    "a pharmacy": ["仁心大药房", "Pharmacie du Port", "Farmacia Central", "Drogaria Sul", "Löwen-Apotheke", "Apotek Sehat"],
    "a laboratory": ["医学检验所", "Clinical Laboratory", "Laboratoire d'analyses médicales", "Laboratorio Clínico"],
    "medical imaging": ["Centre d'Imagerie Médicale", "Radiology Centre"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "tier"), TIERS.items())
def test_the_tier_that_a_name_says(name, tier):
    said = said_by(name)
    assert (said.tier, said.reason) == (tier, "")


@pytest.mark.parametrize(
    ("reason", "name"), [(reason, name) for reason, names in ASIDE.items() for name in names]
)
def test_a_name_that_is_no_care_for_everybody(reason, name):
    assert said_by(name).reason == reason


@pytest.mark.parametrize(
    ("name", "kind", "tier"),
    [
        ("桃花村卫生室", "医疗保健服务;诊所;诊所", "村卫生室"),
        ("金沙卫生服务中心", "医疗保健服务;综合医院;卫生院", "社区卫生服务中心"),
        ("石塘镇中心卫生院", "乡镇卫生院", "中心卫生院"),
        ("石塘镇卫生院", "中心卫生院", "中心卫生院"),  # the type refines the name
        ("桃花村卫生室", "中心村卫生室", "中心村卫生室"),
        ("长青医院", "医疗保健服务;综合医院;卫生院", "乡镇卫生院"),  # 医院 says less than the type
        ("长青医院", "医疗保健服务;综合医院;三级甲等医院", "三级甲等医院"),
        ("宁河县人民医院", "医疗保健服务;综合医院;三级甲等医院", "县级医院"),
        ("李氏诊所", "村卫生室", "村卫生室"),
        ("甲", "乡镇卫生院", "乡镇卫生院"),
        ("甲", "未定级", "未定级"),
        ("石塘镇卫生院", "一级", "乡镇卫生院"),
        ("Centre de santé de Mbé", "hospital", "health centre"),
        ("Centre de santé de Mbé", "CSI type II", "CSI type II"),  # a national class stays
        ("Hill Clinic", "Medical Clinic", "Medical Clinic"),
        ("Pumwani Hospital", "clinic", "clinic"),
        ("", "Level 2", "Level 2"),
        ("桃花村卫生室", "clinic", "村卫生室"),
    ],
)
def test_the_name_beats_a_coarse_type(name, kind, tier):
    said = tier_of(name, kind)
    assert (said.tier, said.reason) == (tier, "")


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("康美诊所", "医疗保健服务;专科医院;口腔医院", "a dentist"),
        ("丽人诊所", "医疗保健服务;专科医院;整形美容", "a beauty clinic"),
        ("桃花村卫生室", "医疗保健服务;专科医院;口腔医院", ""),
        ("Smile", "Dental Clinic", "a dentist"),
        ("Sunrise", "Pharmacy", "a pharmacy"),
        ("Sunrise Health Centre", "Pharmacy", ""),
    ],
)
def test_a_type_against_care_counts_unless_the_name_is_specific(name, kind, reason):
    assert tier_of(name, kind).reason == reason


def test_a_name_beats_the_tag_hospital():
    post = judge({"amenity": "hospital", "name": "Poste de santé de Garin"})
    assert (post.tier, post.hospital) == ("health post", False)
    township = judge({"amenity": "hospital", "name": "石塘镇卫生院"})
    assert (township.tier, township.hospital) == ("乡镇卫生院", False)
    clinic = judge({"amenity": "hospital", "name": "Clínica Alemana"})
    assert (clinic.tier, clinic.hospital) == ("hospital", True)
    assert judge({"amenity": "clinic", "name": "عيادة العيون", "name:en": "Eye Clinic"}).reason.startswith(
        "an eye clinic"
    )


def test_every_row_of_the_table_is_of_use():
    text = resources.files("access15.sources").joinpath("care_words.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert {row["language"] for row in rows} == {"zh", "en", "de", *HEAD_FIRST}
    for row in rows:
        assert row["use"] in USES
        assert row["source"]
        assert bool(row["means"]) == (row["use"] != "general")
        assert bool(row["level"]) == (row["use"] in ("tier", "loose tier", "weak tier", "internal"))
        assert row["word"] == row["word"].casefold()


def test_every_reason_has_a_chinese_word():
    from access15.model import in_chinese
    from access15.sources.facility_notes import short_reason

    text = resources.files("access15.sources").joinpath("care_words.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    said = {row["means"] for row in rows if row["use"] in ("not care", "not care alone", "never care")}
    said |= {short_reason(said_by("红星学院医务室").reason)}
    assert not [reason for reason in said if in_chinese(reason) == reason]


def _any_of(source: str, rng: random.Random) -> str:
    """Return a text that an expression of the table matches."""
    text = re.sub(r"\(\?<!.*?\)|\^|\$", "", source)
    while "(" in text:
        text = re.sub(
            r"\(([^()]*)\)(\??)\+?",
            lambda found: rng.choice([*found[1].split("|"), *([""] if found[2] else [])]),
            text,
        )
    text = re.sub(r"(.)\?", lambda found: rng.choice(["", found[1]]), text)
    return text.replace("*", rng.choice(["", "x", "ei", "7"]))


def test_names_are_understood_the_same_word_by_word_and_as_a_whole() -> None:
    """What is in no word of the table is looked at once for all names; the slow way looks at every name as it stands."""
    rng = random.Random(7)
    with resources.files("access15.sources").joinpath("care_words.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    chinese = [row["word"] for row in rows if row["language"] == "zh"]
    other = [row["word"] for row in rows if row["language"] != "zh"]
    filled = {
        "zh": ["某某", "城东", "12", "（", "）", "[", "]", "·", " ", "_", "〇", "&", "dental", "hospi", "地", "县", "中心", "东", "é"],
        "": ["of", "and", "&", "12", "dos", "la", "y", "et", "world", "kibuye", "pet", "x", "É", "l'", "der", "_", "某", "医院", "ß", "storeshop"],
    }  # fmt: skip
    changed = 0
    for turn in range(6000):
        mixed = turn % 10 == 0
        language = "zh" if turn % 2 else ""
        words = chinese + other if mixed else chinese if language else other
        parts = [
            _any_of(rng.choice(words), rng) if rng.random() < 0.5 else rng.choice(filled[language])
            for _ in range(rng.randrange(1, 7))
        ]
        name = ("" if language and not mixed else " ").join(parts)
        plain = unicodedata.normalize("NFKC", name).casefold()
        slow = care_words._chinese.__wrapped__(plain) if care_words._CJK.search(name) else care_words.NOTHING
        if slow == care_words.NOTHING and (not care_words._CJK.search(name) or re.search("[a-z]", plain)):
            slow = care_words._other.__wrapped__(care_words.fold_name(re.sub("[&+]", " and ", name)))
        assert said_by(name) == slow, name
        changed += care_words._REST in care_words._only_words(care_words.fold_name(name))
    assert changed > 1000
