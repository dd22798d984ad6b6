"""What comes in: streets, facilities, people, areas."""

from access15.sources.areas import area_numbers, read_areas, read_land
from access15.sources.buildings import read_buildings
from access15.sources.care_words import tier_of
from access15.sources.choice import Choice
from access15.sources.estates import Estates, read_estates, with_estates
from access15.sources.facilities import read_facilities
from access15.sources.facility_notes import short_reason
from access15.sources.first_look import Look, column_values, look_at, osm_has_streets, usual_people
from access15.sources.land_cover import LEGENDS, LandCover, read_land_cover
from access15.sources.new_roads import read_new_roads
from access15.sources.once import reading_once
from access15.sources.osm_file import OSM_SUFFIXES
from access15.sources.osm_places import KINDS, candidates_from_osm
from access15.sources.osm_points import facilities_from_osm
from access15.sources.osm_settlements import settlements_from_osm
from access15.sources.osmnx_place import read_network_place
from access15.sources.people_spread import spread_people
from access15.sources.plausible import area_factors, cell_areas_km2, implausible
from access15.sources.population import read_population
from access15.sources.population_raster import RASTERS
from access15.sources.streets import read_network
from access15.sources.terrain import blocked_moves, read_terrain
from access15.sources.water import read_water

__all__ = [
    "KINDS",
    "LEGENDS",
    "OSM_SUFFIXES",
    "RASTERS",
    "Choice",
    "Estates",
    "LandCover",
    "Look",
    "area_factors",
    "area_numbers",
    "blocked_moves",
    "candidates_from_osm",
    "cell_areas_km2",
    "column_values",
    "facilities_from_osm",
    "implausible",
    "look_at",
    "osm_has_streets",
    "read_areas",
    "read_buildings",
    "read_estates",
    "read_facilities",
    "read_land",
    "read_land_cover",
    "read_network",
    "read_network_place",
    "read_new_roads",
    "read_population",
    "read_terrain",
    "read_water",
    "reading_once",
    "settlements_from_osm",
    "short_reason",
    "spread_people",
    "tier_of",
    "usual_people",
    "with_estates",
]
