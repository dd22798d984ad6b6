// The map of the report. Leaflet does the map; two of its grid layers draw our arrays on canvas tiles.
(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("map-data").textContent);
  var word = data.words, cells = data.cells, TILE = 256;
  var BEYOND = 65533, UNREACHABLE = 65534, UNLINKED = 65535;

  function unpack(part) {
    var text = atob(part.b), bytes = new Uint8Array(text.length);
    for (var i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return new window[part.t + "Array"](bytes.buffer);
  }
  // World coordinates of Web Mercator at zoom 0: 256 units wide, y down.
  function worldX(lon) { return (lon + 180) / 360 * TILE; }
  function worldY(lat) {
    var s = Math.sin(Math.max(-85.05, Math.min(85.05, lat)) * Math.PI / 180);
    return TILE / 2 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI) * TILE;
  }
  function latLng(x, y) {
    var n = Math.PI - 2 * Math.PI * y / TILE;
    return L.latLng(Math.atan(Math.sinh(n)) * 180 / Math.PI, x / TILE * 360 - 180);
  }
  function fill(text, value) { return text.replace("{n}", value); }
  function number(value) {
    return value.toLocaleString(data.lang, { maximumFractionDigits: value < 10 ? 1 : 0 });
  }
  function element(tag, text, parent, name) {
    var made = document.createElement(tag);
    if (text !== null && text !== undefined) made.textContent = text;
    if (name) made.className = name;
    if (parent) parent.appendChild(made);
    return made;
  }
  // Leaflet takes the names of layers as markup.
  function escaped(text) { return element("i", text).innerHTML; }

  function lines(part) {
    var x = unpack(part.x), y = unpack(part.y), n = unpack(part.n), dx = unpack(part.dx), dy = unpack(part.dy);
    var total = x.length + dx.length, out = { n: n.length, first: new Uint32Array(n.length + 1) };
    out.x = new Float64Array(total); out.y = new Float64Array(total);
    out.box = new Float64Array(4 * n.length);
    for (var i = 0, at = 0, step = 0; i < n.length; i++) {
      var lon = x[i], lat = y[i], west = Infinity, east = -Infinity, north = Infinity, south = -Infinity;
      for (var k = 0; k < n[i]; k++, at++) {
        if (k) { lon += dx[step]; lat += dy[step]; step++; }
        var px = out.x[at] = worldX(lon / 1e5), py = out.y[at] = worldY(lat / 1e5);
        if (px < west) west = px;
        if (px > east) east = px;
        if (py < north) north = py;
        if (py > south) south = py;
      }
      out.first[i + 1] = at;
      out.box.set([west, north, east, south], 4 * i);
    }
    return out;
  }
  function trace(paper, set, i, k, left, top) {
    var from = set.first[i], to = set.first[i + 1];
    paper.moveTo(set.x[from] * k - left, set.y[from] * k - top);
    for (var j = from + 1; j < to; j++) paper.lineTo(set.x[j] * k - left, set.y[j] * k - top);
  }
  function seen(set, i, box) {
    var b = set.box;
    return b[4 * i] <= box[2] && b[4 * i + 2] >= box[0] && b[4 * i + 1] <= box[3] && b[4 * i + 3] >= box[1];
  }

  // A layer whose tiles are drawn from arrays: draw(paper, scale, left, top, box of the tile in world units, zoom).
  var Drawn = L.GridLayer.extend({
    createTile: function (at) {
      var tile = document.createElement("canvas"), sharp = Math.min(window.devicePixelRatio || 1, 2);
      tile.width = tile.height = TILE * sharp;
      var paper = tile.getContext("2d"), k = Math.pow(2, at.z), margin = 24;
      paper.scale(sharp, sharp);
      var left = at.x * TILE, top = at.y * TILE;
      var box = [(left - margin) / k, (top - margin) / k, (left + TILE + margin) / k, (top + TILE + margin) / k];
      this.options.draw(paper, k, left, top, box, at.z);
      return tile;
    }
  });
  function drawn(draw, z, name) {
    return new Drawn({ draw: draw, zIndex: z, className: name, noWrap: true, maxZoom: 19, updateWhenIdle: false, keepBuffer: 1 });
  }
  function lineLayer(sets, z, name) {
    return drawn(function (paper, k, left, top, box, zoom) {
      sets.forEach(function (given) {
        if (zoom < (given.from || 0)) return;
        paper.beginPath();
        for (var i = 0; i < given.set.n; i++) if (seen(given.set, i, box)) trace(paper, given.set, i, k, left, top);
        paper.strokeStyle = given.color;
        paper.lineWidth = given.width * (given.grows ? Math.max(0.6, Math.min(2.5, Math.pow(1.3, zoom - 14))) : 1);
        paper.globalAlpha = given.alpha || 1;
        paper.setLineDash(given.dash || []);
        paper.stroke();
      });
    }, z, name);
  }

  // Gaps: shaded, with an edge.
  function shadeLayer(set, z, name) {
    return drawn(function (paper, k, left, top, box, zoom) {
      paper.beginPath();
      for (var i = 0; i < set.n; i++) if (seen(set, i, box)) trace(paper, set, i, k, left, top);
      paper.fillStyle = data.colors.shade;
      paper.globalAlpha = 0.4;
      paper.fill("evenodd");
      paper.globalAlpha = 1;
      paper.strokeStyle = data.colors.gap;
      paper.lineWidth = Math.max(0.8, Math.min(2, Math.pow(1.2, zoom - 14)));
      paper.stroke();
    }, z, name);
  }

  // Isochrones, the widest first: each is painted over the wider ones around it.
  function bandLayer(bands) {
    return drawn(function (paper, k, left, top, box) {
      bands.forEach(function (band) {
        paper.beginPath();
        for (var i = 0; i < band.set.n; i++) if (seen(band.set, i, box)) trace(paper, band.set, i, k, left, top);
        paper.fillStyle = band.color;
        paper.fill("evenodd");
        paper.strokeStyle = "#fff";
        paper.lineWidth = 1;
        paper.stroke();
      });
    }, 2, "isochrones");
  }

  // Cells: the same places for every mode, coloured by the class of the mode.
  var count = cells.n, cellX = new Float64Array(count), cellY = new Float64Array(count);
  var people = unpack(cells.people), area = cells.area && unpack(cells.area), gap = cells.gap && unpack(cells.gap);
  (function () {
    var x = unpack(cells.x), y = unpack(cells.y);
    for (var i = 0; i < count; i++) { cellX[i] = worldX(x[i] / 1e6); cellY[i] = worldY(y[i] / 1e6); }
  })();
  function classOf(s) { // One for each cut-off, then beyond, unreachable, unlinked.
    var at = 0, cuts = cells.cuts;
    if (s === UNREACHABLE || s === UNLINKED) return cuts.length + 1 + (s === UNLINKED);
    while (at < cuts.length && s > cuts[at]) at++;
    return at;
  }
  var modes = cells.modes.map(function (mode) {
    var s = unpack(mode.s);
    return { s: s, c: Uint8Array.from(s, classOf), f: unpack(mode.f) };
  });
  var rings = cells.shape === "polygon" ? lines(cells.rings) : null, owner = rings && unpack(cells.owner);
  var ringOf = rings ? new Uint32Array(count + 1) : null;
  if (rings) {
    for (var r = 0; r < owner.length; r++) ringOf[owner[r] + 1] = r + 1;
    for (var c = 1; c <= count; c++) if (ringOf[c] < ringOf[c - 1]) ringOf[c] = ringOf[c - 1];
  }
  var halfX = cells.shape === "square" ? cells.width / 720 * TILE : 0;
  function halfY(y) { // A degree of latitude is longer on the map the farther it is from the equator.
    if (cells.shape !== "square") return 0;
    var n = Math.PI - 2 * Math.PI * y / TILE;
    return cells.height / 720 * TILE * Math.cosh(n);
  }
  var most = 0;
  for (var m = 0; m < count; m++) if (people[m] > most) most = people[m];
  var crowd = Math.max(0.35, Math.min(1, Math.sqrt(1500 / Math.max(count, 1))));
  var firstZoom = 14;
  function radius(i, zoom) {
    var size = (2 + 9 * Math.sqrt(most ? people[i] / most : 0)) * crowd * Math.pow(1.35, zoom - firstZoom);
    return Math.max(1.2, Math.min(22, size));
  }

  function drawSquares(paper, k, left, top, box, mode) {
    var tall = halfY((box[1] + box[3]) / 2), wide = Math.max(2 * halfX * k, 1), high = Math.max(2 * tall * k, 1);
    for (var level = 0; level < data.classes.length; level++) {
      paper.fillStyle = data.classes[level].color;
      for (var i = 0; i < count; i++) {
        if (mode.c[i] !== level || cellX[i] + halfX < box[0] || cellX[i] - halfX > box[2] ||
            cellY[i] + tall < box[1] || cellY[i] - tall > box[3]) continue;
        paper.fillRect((cellX[i] - halfX) * k - left, (cellY[i] - tall) * k - top, wide, high);
      }
    }
  }
  function drawPoints(paper, k, left, top, box, mode, zoom) {
    paper.strokeStyle = "#0005";
    paper.lineWidth = 0.5;
    for (var j = 0; j < count; j++) {
      var i = order[j];
      if (cellX[i] < box[0] || cellX[i] > box[2] || cellY[i] < box[1] || cellY[i] > box[3]) continue;
      paper.beginPath();
      paper.arc(cellX[i] * k - left, cellY[i] * k - top, radius(i, zoom), 0, 2 * Math.PI);
      paper.fillStyle = data.classes[mode.c[i]].color;
      paper.fill();
      if (count < 20000) paper.stroke();
    }
  }
  function drawPolygons(paper, k, left, top, box, mode) {
    for (var i = 0; i < count; i++) {
      paper.beginPath();
      var any = false;
      for (var ring = ringOf[i]; ring < ringOf[i + 1]; ring++) {
        if (seen(rings, ring, box)) { trace(paper, rings, ring, k, left, top); any = true; }
      }
      if (!any) continue;
      paper.fillStyle = data.classes[mode.c[i]].color;
      paper.fill("evenodd");
    }
  }
  var order = null; // Circles with many people first, so that small ones stay on top.
  if (cells.shape === "point") {
    order = Array.from({ length: count }, function (_, i) { return i; });
    order.sort(function (a, b) { return people[b] - people[a]; });
  }
  var painters = { square: drawSquares, point: drawPoints, polygon: drawPolygons };
  function cellLayer(mode) {
    var layer = drawn(function (paper, k, left, top, box, zoom) {
      paper.globalAlpha = 0.88;
      painters[cells.shape](paper, k, left, top, box, mode, zoom);
    }, 1, "cells");
    return layer;
  }

  // The cell at a place of the map, or -1.
  function inside(i, x, y) {
    var odd = false;
    for (var ring = ringOf[i]; ring < ringOf[i + 1]; ring++) {
      for (var a = rings.first[ring], b = rings.first[ring + 1] - 1; a < b; a++) {
        var ax = rings.x[a], ay = rings.y[a], bx = rings.x[a + 1], by = rings.y[a + 1];
        if ((ay > y) !== (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax) odd = !odd;
      }
    }
    return odd;
  }
  function cellAt(place, zoom) {
    var x = worldX(place.lng), y = worldY(place.lat), k = Math.pow(2, zoom), best = -1, least = Infinity;
    for (var i = 0; i < count; i++) {
      var dx = Math.abs(cellX[i] - x), dy = Math.abs(cellY[i] - y), far = dx * dx + dy * dy;
      if (far >= least && cells.shape !== "polygon") continue;
      if (cells.shape === "square") {
        if (dx > Math.max(halfX, 2 / k) || dy > Math.max(halfY(y), 2 / k)) continue;
      } else if (cells.shape === "point") {
        if (far > Math.pow((radius(i, zoom) + 3) / k, 2)) continue;
      } else {
        var near = false;
        for (var ring = ringOf[i]; ring < ringOf[i + 1] && !near; ring++) near = seen(rings, ring, [x, y, x, y]);
        if (!near || !inside(i, x, y)) continue;
      }
      best = i;
      least = far;
    }
    return best;
  }

  function timeOf(mode, i) {
    var s = mode.s[i];
    if (s === UNLINKED) return word.unlinked;
    if (s === UNREACHABLE) return word.unreachable;
    if (s >= BEYOND - 1) return fill(word.over, number((BEYOND - 1) / 60));
    return fill(word.minutes, (s / 60).toLocaleString(data.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 }));
  }
  function clinicOf(mode, i) {
    var f = mode.f[i];
    return f < data.facilities.length ? data.facilities[f][2] : null;
  }
  function facts(i) {
    var out = [[word.people, number(people[i])]];
    if (area && area[i] < data.areas.length) out.push([word.area, data.areas[area[i]]]);
    if (gap && gap[i] < data.gaps.length) out.push([word.gap, String(data.gaps[gap[i]])]);
    return out;
  }
  function labelled(parent, name, value) {
    var line = element("div", name + word.colon, parent);
    element("bdi", value, line);
  }
  function brief(i) { // What the pointer shows: the mode on the map.
    var box = element("div"), mode = modes[active], clinic = clinicOf(mode, i);
    element("b", timeOf(mode, i), box, "time");
    element("div", data.modes[active], box);
    if (clinic !== null) labelled(box, word.nearest, clinic);
    facts(i).forEach(function (fact) { labelled(box, fact[0], fact[1]); });
    return box;
  }
  function full(i) { // What stands below the map: every mode.
    var box = element("div"), line = element("div", null, box);
    facts(i).forEach(function (fact) {
      element("span", fact[0] + word.colon, line);
      element("bdi", fact[1], line).style.marginInlineEnd = "1.2em";
    });
    var table = element("table", null, box), head = element("tr", null, element("thead", null, table));
    [word.mode, word.time, word.nearest].forEach(function (text) { element("th", text, head).scope = "col"; });
    var body = element("tbody", null, table);
    modes.forEach(function (mode, at) {
      var row = element("tr", null, body);
      element("bdi", data.modes[at], element("td", null, row));
      element("td", timeOf(mode, i), row, "time");
      element("bdi", clinicOf(mode, i) === null ? "–" : clinicOf(mode, i), element("td", null, row));
    });
    return box;
  }

  // The map. Its marks are SVG: a canvas above the tiles would be printed with a white ground.
  var map = L.map("map", {
    fadeAnimation: false, zoomControl: false, maxZoom: 19, minZoom: 2, zoomSnap: 0.25,
    attributionControl: false, worldCopyJump: false
  });
  L.control.zoom({ zoomInTitle: word.zoom_in, zoomOutTitle: word.zoom_out }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  L.control.attribution({ prefix: "Leaflet" }).addAttribution(escaped(data.credit)).addTo(map);
  var b = data.bounds, frame = L.latLngBounds([b[1], b[0]], [b[3], b[2]]);
  function fit() { map.fitBounds(frame, { padding: [24, 24], maxZoom: 16, animate: false }); }
  fit();
  firstZoom = map.getZoom();

  var active = data.headline, bases = {}, overlays = {};
  modes.forEach(function (mode, at) {
    var layer = cellLayer(mode);
    layer.mode = at;
    bases[escaped(data.modes[at])] = layer;
    if (at === active) layer.addTo(map);
  });
  var color = data.colors, below = cells.shape === "point"; // Streets and shades lie under dots, and over cells that fill the ground.
  if (data.isochrones && data.isochrones.length) {
    overlays[escaped(word.isochrones)] = bandLayer(data.isochrones.map(function (band) {
      return { set: lines(band.rings), color: band.color };
    }));
  }
  overlays[escaped(word.streets)] = lineLayer([
    { set: lines(data.streets), color: color.street, width: 0.8, alpha: 0.8, grows: true, from: Math.min(11, firstZoom) },
    { set: lines(data.main), color: color.street, width: 1.7, grows: true }
  ], below ? 0 : 3, "streets").addTo(map);
  if (data.borders) {
    overlays[escaped(word.borders)] = lineLayer([
      { set: lines(data.borders), color: color.ink, width: 1.1, dash: [7, 3, 2, 3] }
    ], 4, "borders").addTo(map);
  }
  // A diamond and a drop are turned boxes: what they say is turned back.
  // What is of another case than the headline's waits unticked, under the name of its case.
  function overlay(name, layer, other) {
    overlays[escaped(other ? name + " (" + other + ")" : name)] = layer;
    if (!other) layer.addTo(map);
  }
  function pin(lat, lon, name, text, size, title) {
    var box = element("div", null, null, "mark " + name);
    element("span", text, box);
    box.style.width = box.style.height = size + "px";
    var tip = name === "site" ? [size / 2, size * 1.2] : null; // The tip of a drop is below its box.
    var icon = L.divIcon({ html: box, className: "", iconSize: [size, size], iconAnchor: tip });
    return L.marker([lat, lon], { icon: icon, title: title || "", alt: title || "", interactive: !!title, keyboard: !!title });
  }
  if (data.outlines) {
    var outline = lines(data.outlines);
    var parts = [shadeLayer(outline, below ? 0 : 5, "gaps")];
    data.ranks.forEach(function (spot) {
      var mark = pin(spot[1], spot[0], "rank", spot[2], 17);
      parts.push(mark);
    });
    overlay(word.gaps, L.layerGroup(parts), data.other.gaps);
  }
  function said(names) {
    var box = element("div");
    names.forEach(function (name, at) { if (name) element(at ? "div" : "b", name, box); });
    return box;
  }
  var small = data.facilities.length > 60;
  overlays[escaped(word.facilities)] = L.layerGroup(data.facilities.map(function (site) {
    var mark = small ?
      L.circleMarker([site[1], site[0]], { radius: site[5] / 2.5, weight: 1, color: "#fff", fillColor: site[4] ? color.facility : color.unlinked, fillOpacity: 1 }) :
      pin(site[1], site[0], site[4] ? "clinic" : "clinic away", "", site[5] * 1.7, site[2]);
    return mark.bindTooltip(said([site[2], site[3], site[4] ? "" : word.no_street]));
  })).addTo(map);
  if (data.sites.length) {
    var reach = data.reach && lines(data.reach);
    var around = reach ? [lineLayer([{ set: reach, color: "#fff", width: 4 }, { set: reach, color: color.site, width: 2 }], 6, "reach")] : [];
    overlay(word.sites, L.layerGroup(around.concat(data.sites.map(function (site) {
      var name = fill(word.site, site[2]), gain = site[4] === null ? "" : fill(word.gain, number(site[4]));
      return pin(site[1], site[0], "site", String(site[2]), 21, name)
        .bindTooltip(said([name, site[3], gain]));
    }))), data.other.sites);
  }
  var narrow = map.getSize().x < 640;
  L.control.layers(bases, overlays, { collapsed: narrow }).addTo(map);

  function legendBox() {
    var box = element("div", null, null, "legend");
    element("b", word.legend, box);
    data.classes.forEach(function (level) {
      var line = element("div", null, box);
      element("i", null, line).style.background = level.color;
      element("span", level.name, line);
    });
    return box;
  }
  if (narrow) {
    map.getContainer().insertAdjacentElement("afterend", legendBox());
  } else {
    var legend = L.control({ position: "bottomright" });
    legend.onAdd = legendBox;
    legend.addTo(map);
  }

  // Pointing and clicking.
  var tip = L.tooltip({ direction: "top", offset: [0, -6] }), ring = null, last = -1;
  function mark(i) {
    if (ring) { ring.remove(); ring = null; }
    if (i < 0) return;
    var look = { color: "#000", weight: 2, fill: false, interactive: false };
    if (cells.shape === "square") {
      var tall = halfY(cellY[i]);
      ring = L.rectangle([latLng(cellX[i] - halfX, cellY[i] - tall), latLng(cellX[i] + halfX, cellY[i] + tall)], look);
    } else if (cells.shape === "point") {
      look.radius = radius(i, map.getZoom()) + 1;
      ring = L.circleMarker(latLng(cellX[i], cellY[i]), look);
    } else {
      var shape = [];
      for (var at = ringOf[i]; at < ringOf[i + 1]; at++) {
        var line = [];
        for (var k = rings.first[at]; k < rings.first[at + 1]; k++) line.push(latLng(rings.x[k], rings.y[k]));
        shape.push(line);
      }
      ring = L.polyline(shape, look);
    }
    ring.addTo(map);
  }
  function point(event) {
    var i = cellAt(event.latlng, map.getZoom());
    if (i === last) return;
    last = i;
    mark(i);
    if (i < 0) { tip.remove(); return; }
    tip.setLatLng(latLng(cellX[i], cellY[i])).setContent(brief(i)).addTo(map);
    keepInside(tip);
  }
  // What a tooltip says stays inside the map: it is moved by as much as it stands out.
  function keepInside(opened) {
    var box = opened.getElement(), room = map.getContainer().getBoundingClientRect();
    if (!box) return;
    box.style.marginLeft = box.style.marginTop = "";
    var own = getComputedStyle(box), at = box.getBoundingClientRect(), gap = 4;
    var right = Math.max(0, room.left + gap - at.left) - Math.max(0, at.right - room.right + gap);
    var down = Math.max(0, room.top + gap - at.top) - Math.max(0, at.bottom - room.bottom + gap);
    if (right) box.style.marginLeft = parseFloat(own.marginLeft) + right + "px";
    if (down) box.style.marginTop = parseFloat(own.marginTop) + down + "px";
  }
  map.on("tooltipopen", function (event) { keepInside(event.tooltip); });
  map.on("mousemove", point);
  function leave() { last = -1; mark(-1); tip.remove(); }
  map.on("mouseout zoomstart", leave);
  map.on("click", function (event) {
    var i = cellAt(event.latlng, map.getZoom());
    last = -1; // A click has closed the tooltip.
    if (i >= 0) { point(event); document.getElementById("answer").replaceChildren(full(i)); }
  });
  map.on("baselayerchange", function (event) { active = event.layer.mode; leave(); });
  // Paper has a size of its own, which the page gets only after this event: the map takes it before.
  function printing(now) {
    leave();
    map.getContainer().classList.toggle("printing", now);
    map.invalidateSize({ animate: false });
    fit();
  }
  window.addEventListener("beforeprint", function () { printing(true); });
  window.addEventListener("afterprint", function () { printing(false); });
})();
