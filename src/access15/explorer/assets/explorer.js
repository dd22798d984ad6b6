// The page of the explorer. Figures come from the server; this draws them, and sends what the hand does.
(function () {
  "use strict";
  var R = 6378137, FILL = ["#E3EEF0", "#B9D5DB", "#86B3C2", "#D2691E", "#983A1C", "#571B17", "#160A0C"];
  var EDGE = ["#6B939D", "#6D97A3", "#4F8395", "#9A4710", "#6B2510", "#3A0F0D", "#000000"];
  var DIFF = { same: "#C9D3D6", gain: "#1C4A9C", beyond: "#D2691E", lose: "#FFFFFF" };
  var DIFF_EDGE = { same: "#8FA0A6", gain: "#FFFFFF", beyond: "#9A4710", lose: "#111111" };
  var WITHIN = 2, UNSEEN = 15, MANY_SITES = 600;
  var words = null, lang = "en", hello = null, frame = null, sites = [], changes = [], picked = null, suggested = null, proof = null;
  var closing = null, gaps = [], gapCount = 0, gapsSlow = false, socket = null, seq = 0, answered = 0, sending = null, ring = null, drawing = null, adding = false;
  var outlined = false, outline = [], outlineTimer = null, comparing = false, restored = null, working = "", ids = {};
  var metrics = window.access15 = { frames: 0, sent: 0, steps: [], bytes: [], recolour: 0, first: 0, ready: false };

  function el(id) { return document.getElementById(id); }
  function make(tag, text, parent, name) {
    var made = document.createElement(tag);
    if (text !== null && text !== undefined) made.textContent = text;
    if (name) made.className = name;
    if (parent) parent.appendChild(made);
    return made;
  }
  function clear(node) { while (node.firstChild) node.removeChild(node.firstChild); }
  function w(key, values) {
    var text = words[lang][key];
    Object.keys(values || {}).forEach(function (name) { text = text.replace("{" + name + "}", values[name]); });
    return text;
  }
  function whole(value) { return Math.round(value).toLocaleString(lang === "zh" ? "zh-CN" : "en"); }
  function percent(value) { return value === null ? "–" : (100 * value).toFixed(1) + "%"; }
  function minutes(value) { return value === null ? "–" : value.toFixed(1); }
  function button(text, act, parent, name) {
    var made = make("button", text, parent, name);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  }
  function svg(tag, given, parent) {
    var made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.keys(given).forEach(function (name) { if (name === "text") made.textContent = given.text; else made.setAttribute(name, given[name]); });
    if (parent) parent.appendChild(made);
    return made;
  }

  // What comes from the server: a head as JSON behind its length, then the parts it names.
  function opened(buffer) {
    var size = new DataView(buffer).getUint32(0, true), at = 4 + size;
    var head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
    head.bytes = (head.parts || []).map(function (length) { var part = new Uint8Array(buffer, at, length); at += length; return part; });
    return head;
  }
  // Calls take(index, value) for every number.
  function varints(bytes, take) {
    for (var at = 0, k = 0; at < bytes.length; k++) {
      var value = 0, unit = 1, byte;
      do { byte = bytes[at++]; value += (byte & 127) * unit; unit *= 128; } while (byte & 128);
      take(k, value);
    }
  }
  function signed(value) { return value % 2 ? -(value + 1) / 2 : value / 2; }
  function get(name) {
    return fetch(name, { credentials: "same-origin" }).then(function (found) {
      if (!found.ok) throw new Error(String(found.status));
      return found.arrayBuffer();
    });
  }

  // Where cells are, and what class each is in now and today.
  var cells = null, now = null, today = null, raster = null, order = null;
  function readCells(buffer) {
    var head = opened(buffer), n = head.n, i, sum;
    cells = { n: n, kind: head.kind, box: head.box, head: head };
    now = new Uint8Array(n).fill(UNSEEN);
    if (head.kind === "dots") {
      cells.lon = new Float64Array(n); cells.lat = new Float64Array(n); cells.people = new Float64Array(n);
      sum = 0; varints(head.bytes[0], function (k, v) { sum += signed(v); cells.lon[k] = sum / 1e6; });
      sum = 0; varints(head.bytes[1], function (k, v) { sum += signed(v); cells.lat[k] = sum / 1e6; });
      varints(head.bytes[2], function (k, v) { cells.people[k] = v / 10; });
      order = Array.from({ length: n }, function (_, k) { return k; });
      order.sort(function (a, b) { return cells.people[b] - cells.people[a]; });
      var sorted = Array.from(cells.people).filter(function (v) { return v > 0; }).sort(function (a, b) { return a - b; });
      cells.k = 2 / Math.sqrt(sorted.length ? sorted[sorted.length >> 1] : 1);
      return;
    }
    cells.pixel = new Int32Array(n);
    sum = 0; varints(head.bytes[0], function (k, v) { sum += signed(v); cells.pixel[k] = sum; });
    sum = 0; varints(head.bytes[1], function (k, v) { sum += v; cells.pixel[sum] = -1; });
    raster = { w: head.width, h: head.height, canvas: document.createElement("canvas") };
    raster.canvas.width = raster.w; raster.canvas.height = raster.h;
    raster.paper = raster.canvas.getContext("2d", { willReadFrequently: true });
    raster.image = raster.paper.createImageData(raster.w, raster.h);
    raster.dots = new Uint32Array(raster.image.data.buffer);
    raster.twin = twins(raster.w, raster.h);
  }
  // Squares that do not lie along the map leave lines between them: each cell may take one empty pixel beside it.
  function twins(width, height) {
    if (cells.kind === "degrees") return null;
    var owner = new Uint8Array(width * height), twin = new Int32Array(cells.n).fill(-1), i, p;
    for (i = 0; i < cells.n; i++) if (cells.pixel[i] >= 0) owner[cells.pixel[i]] = 1;
    for (i = 0; i < cells.n; i++) {
      p = cells.pixel[i];
      if (p < 0) continue;
      if ((p + 1) % width && !owner[p + 1] && (p + 2) % width && owner[p + 2]) { twin[i] = p + 1; owner[p + 1] = 2; }
      else if (p + 2 * width < width * height && !owner[p + width] && owner[p + 2 * width]) { twin[i] = p + width; owner[p + width] = 2; }
    }
    return twin;
  }
  function abgr(hex) { return (255 << 24 | parseInt(hex.slice(5, 7), 16) << 16 | parseInt(hex.slice(3, 5), 16) << 8 | parseInt(hex.slice(1, 3), 16)) >>> 0; }
  var INK = FILL.map(abgr), INK_DIFF = { same: abgr(DIFF.same), gain: abgr(DIFF.gain), beyond: abgr(DIFF.beyond), lose: abgr("#111111") };
  function difference(i) {
    var before = today[i] <= WITHIN, after = now[i] <= WITHIN;
    return before === after ? (after ? "same" : "beyond") : after ? "gain" : "lose";
  }
  function ink(i) { return comparing && today ? INK_DIFF[difference(i)] : INK[now[i]]; }
  function paintAll() {
    if (!raster) return;
    var begun = performance.now(), dots = raster.dots, twin = raster.twin;
    for (var i = 0; i < cells.n; i++) {
      var p = cells.pixel[i];
      if (p < 0 || now[i] === UNSEEN) continue;
      dots[p] = ink(i);
      if (twin && twin[i] >= 0) dots[twin[i]] = dots[p];
    }
    raster.paper.putImageData(raster.image, 0, 0);
    metrics.recolour = performance.now() - begun;
  }
  function takeClasses(head) {
    var codes = head.bytes[1], i;
    if (head.all) {
      for (i = 0; i < cells.n; i++) now[i] = i & 1 ? codes[i >> 1] & 15 : codes[i >> 1] >> 4;
      paintAll();
      return cells.n;
    }
    var row = 0, count = 0, x0 = 1e9, y0 = 1e9, x1 = -1, y1 = -1;
    varints(head.bytes[0], function (k, gap) {
      row += gap; count++;
      now[row] = k & 1 ? codes[k >> 1] & 15 : codes[k >> 1] >> 4;
      if (!raster) return;
      var p = cells.pixel[row];
      if (p < 0) return;
      raster.dots[p] = ink(row);
      var x = p % raster.w, y = (p - x) / raster.w;
      if (raster.twin && raster.twin[row] >= 0) raster.dots[raster.twin[row]] = raster.dots[p];
      if (x < x0) x0 = x; if (x > x1) x1 = x; if (y < y0) y0 = y; if (y > y1) y1 = y;
    });
    if (raster && x1 >= 0) raster.paper.putImageData(raster.image, 0, 0, x0, y0, Math.min(x1 - x0 + 2, raster.w - x0), Math.min(y1 - y0 + 2, raster.h - y0));
    return count;
  }

  // The ground: areas, water, streets, in steps of 1e-5 degrees.
  var ground = null;
  function readGround(buffer) {
    var head = opened(buffer), sets = {};
    head.sets.forEach(function (name, at) {
      var counts = [], steps = [];
      varints(head.bytes[2 * at], function (k, v) { counts.push(v); });
      varints(head.bytes[2 * at + 1], function (k, v) { steps.push(signed(v)); });
      var xy = new Float64Array(steps.length), x = 0, y = 0;
      for (var i = 0; i < steps.length; i += 2) { x += steps[i]; y += steps[i + 1]; xy[i] = worldX(x / 1e5); xy[i + 1] = worldY(y / 1e5); }
      var from = 0;
      sets[name] = counts.map(function (count) {
        var line = { from: from, to: from + 2 * count, box: [1e9, 1e9, -1e9, -1e9] };
        for (var j = from; j < line.to; j += 2) {
          line.box[0] = Math.min(line.box[0], xy[j]); line.box[2] = Math.max(line.box[2], xy[j]);
          line.box[1] = Math.min(line.box[1], xy[j + 1]); line.box[3] = Math.max(line.box[3], xy[j + 1]);
        }
        from = line.to;
        return line;
      });
      sets[name].xy = xy;
    });
    ground = { sets: sets, labels: head.labels.map(function (l) { return { name: l[0].replace(/[（(].*/, ""), x: worldX(l[1]), y: worldY(l[2]) }; }) };
    layer.renew();
  }
  // The plane of the map at zoom 0, 256 wide, y down.
  function worldX(lon) { return (lon + 180) / 360 * 256; }
  function worldY(lat) {
    var s = Math.sin(Math.max(-85, Math.min(85, lat)) * Math.PI / 180);
    return 128 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI) * 256;
  }

  // One canvas over the map: ground below, cells, gaps, borders and names above.
  var Layer = L.Layer.extend({
    onAdd: function (map) {
      this._map = map;
      this._canvas = make("canvas", null, map.getPanes().overlayPane, "leaflet-zoom-hide");
      this._below = document.createElement("canvas");
      this._above = document.createElement("canvas");
      map.on("move zoomend resize viewreset", this._moved, this);
      this._moved();
    },
    _moved: function () { this._stale = true; this.later(); },
    renew: function () { this._stale = true; this.later(); },
    later: function () {
      var self = this;
      if (this._asked) return;
      this._asked = true;
      window.requestAnimationFrame(function () { self._asked = false; self.draw(); });
    },
    draw: function () {
      var size = this._map.getSize(), sharp = Math.min(window.devicePixelRatio || 1, 2), self = this;
      var all = [this._canvas, this._below, this._above];
      if (this._stale) {
        L.DomUtil.setPosition(this._canvas, this._map.containerPointToLayerPoint([0, 0]));
        all.forEach(function (c) {
          if (c.width !== size.x * sharp || c.height !== size.y * sharp) { c.width = size.x * sharp; c.height = size.y * sharp; }
        });
        this._canvas.style.width = size.x + "px"; this._canvas.style.height = size.y + "px";
        var origin = this._map.project(this._map.containerPointToLatLng([0, 0]));
        this._scale = Math.pow(2, this._map.getZoom()); this._left = origin.x; this._top = origin.y; this._sharp = sharp;
        this._drawGround(size);
        this._stale = false;
      }
      var paper = this._canvas.getContext("2d", { willReadFrequently: true });
      paper.setTransform(1, 0, 0, 1, 0, 0);
      paper.drawImage(this._below, 0, 0);
      paper.setTransform(sharp, 0, 0, sharp, 0, 0);
      if (cells) { if (raster) this._drawRaster(paper); else this._drawDots(paper, size); }
      this._drawGaps(paper);
      paper.setTransform(1, 0, 0, 1, 0, 0);
      paper.drawImage(this._above, 0, 0);
      if (self.after) { var after = self.after; self.after = null; after(); }
    },
    _trace: function (paper, set, size) {
      var k = this._scale, left = this._left, top = this._top, xy = set.xy;
      var box = [left / k, top / k, (left + size.x) / k, (top + size.y) / k];
      set.forEach(function (line) {
        if (line.box[0] > box[2] || line.box[2] < box[0] || line.box[1] > box[3] || line.box[3] < box[1]) return;
        paper.moveTo(xy[line.from] * k - left, xy[line.from + 1] * k - top);
        for (var j = line.from + 2; j < line.to; j += 2) paper.lineTo(xy[j] * k - left, xy[j + 1] * k - top);
      });
    },
    _drawGround: function (size) {
      var below = this._below.getContext("2d"), above = this._above.getContext("2d"), self = this, sharp = this._sharp;
      [below, above].forEach(function (p) { p.setTransform(1, 0, 0, 1, 0, 0); p.clearRect(0, 0, self._below.width, self._below.height); p.setTransform(sharp, 0, 0, sharp, 0, 0); });
      below.fillStyle = ground && ground.sets.areas.length ? "#E6E2D8" : "#FCFBF8";
      below.fillRect(0, 0, size.x, size.y);
      if (!ground) return;
      function area(name, color) { below.beginPath(); self._trace(below, ground.sets[name], size); below.fillStyle = color; below.fill("evenodd"); }
      area("areas", "#FCFBF8");
      area("water", "#D5E1E8");
      var zoom = this._map.getZoom();
      [["other", "#CFCBC1", zoom < 13 ? 0.4 : 0.8], ["main", "#B9B4A8", zoom < 13 ? 0.9 : 1.6]].forEach(function (kind) {
        below.beginPath(); self._trace(below, ground.sets[kind[0]], size);
        below.strokeStyle = kind[1]; below.lineWidth = kind[2]; below.stroke();
      });
      above.beginPath(); self._trace(above, ground.sets.areas, size);
      above.strokeStyle = "#7B7F80"; above.lineWidth = 0.9; above.stroke();
      this._drawNames(above, size);
    },
    _drawNames: function (paper, size) {
      var taken = [], self = this;
      paper.font = "700 13px 'Source Sans 3','Segoe UI','PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif";
      paper.textAlign = "center"; paper.lineWidth = 3; paper.strokeStyle = "#fff"; paper.fillStyle = "#1D2429"; paper.lineJoin = "round";
      ground.labels.forEach(function (label) {
        var x = label.x * self._scale - self._left, y = label.y * self._scale - self._top, half = paper.measureText(label.name).width / 2;
        if (x < 0 || y < 0 || x > size.x || y > size.y) return;
        if (taken.some(function (t) { return Math.abs(t[0] - x) < t[2] + half + 6 && Math.abs(t[1] - y) < 18; })) return;
        taken.push([x, y, half]);
        paper.strokeText(label.name, x, y); paper.fillText(label.name, x, y);
      });
    },
    _drawRaster: function (paper) {
      var head = cells.head, k = this._scale, left = this._left, top = this._top, w = raster.w, h = raster.h, step = head.step;
      paper.imageSmoothingEnabled = false;
      paper.globalAlpha = 0.86;
      if (cells.kind === "plane") {
        var unit = 256 / (2 * Math.PI) * k, x0 = (head.origin[0] + Math.PI) * unit - left, y0 = (head.origin[1] + Math.PI) * unit - top;
        paper.drawImage(raster.canvas, x0, y0, w * step[0] * unit, h * step[1] * unit);
      } else {
        // Rows are even in degrees and not on the map: strips keep each within a fraction of a cell.
        var west = worldX(cells.box[0] - step[0] / 2) * k - left, wide = worldX(cells.box[0] - step[0] / 2 + w * step[0]) * k - left - west;
        for (var r = 0; r < h; r += 64) {
          var rows = Math.min(64, h - r), north = cells.box[3] + step[1] / 2 - r * step[1];
          var a = worldY(north) * k - top, b = worldY(north - rows * step[1]) * k - top;
          if (b < 0 || a > this._canvas.height / this._sharp) continue;
          paper.drawImage(raster.canvas, 0, r, w, rows, west, a, wide, b - a);
        }
      }
      paper.globalAlpha = 1;
    },
    _drawDots: function (paper, size) {
      var k = this._scale, grow = cells.k * Math.max(0.6, Math.min(4, Math.pow(1.35, this._map.getZoom() - firstZoom)));
      paper.lineWidth = 0.5;
      for (var j = 0; j < order.length; j++) {
        var i = order[j];
        if (now[i] === UNSEEN) continue;
        var x = worldX(cells.lon[i]) * k - this._left, y = worldY(cells.lat[i]) * k - this._top;
        if (x < -30 || y < -30 || x > size.x + 30 || y > size.y + 30) continue;
        var kind = comparing && today ? difference(i) : null;
        paper.beginPath();
        paper.arc(x, y, Math.max(1.1, Math.min(26, grow * Math.sqrt(cells.people[i]))), 0, 2 * Math.PI);
        paper.fillStyle = kind ? DIFF[kind] : FILL[now[i]];
        paper.strokeStyle = kind ? DIFF_EDGE[kind] : EDGE[now[i]];
        paper.lineWidth = kind === "lose" ? 2.2 : 0.5;
        paper.fill(); paper.stroke();
      }
    },
    _drawGaps: function (paper) {
      var self = this;
      function shape(ringsOf) {
        paper.beginPath();
        ringsOf.forEach(function (corners) {
          corners.forEach(function (c, at) {
            var x = worldX(c[0]) * self._scale - self._left, y = worldY(c[1]) * self._scale - self._top;
            if (at) paper.lineTo(x, y); else paper.moveTo(x, y);
          });
        });
      }
      if (!comparing) gaps.forEach(function (gap) {
        shape(gap.rings);
        paper.fillStyle = "rgba(241,201,165,.38)"; paper.fill("evenodd");
        paper.strokeStyle = "#9A3F0C"; paper.lineWidth = 1; paper.stroke();
      });
      if (outline.length) {
        shape(outline);
        paper.strokeStyle = "#fff"; paper.lineWidth = 3.4; paper.stroke();
        paper.strokeStyle = "#1C4A9C"; paper.lineWidth = 1.7; paper.stroke();
      }
      var corners = drawing || ring;
      if (corners && corners.length) {
        shape([drawing ? corners : corners.concat([corners[0]])]);
        paper.strokeStyle = "#1C4A9C"; paper.lineWidth = 2; paper.setLineDash([5, 4]); paper.stroke(); paper.setLineDash([]);
        corners.forEach(function (c) {
          paper.beginPath();
          paper.arc(worldX(c[0]) * self._scale - self._left, worldY(c[1]) * self._scale - self._top, 4, 0, 7);
          paper.fillStyle = "#1C4A9C"; paper.fill();
        });
      }
    }
  });
  var map = null, layer = null, firstZoom = 14, markers = {}, badges = [], ghost = null;

  // The line to the server. A drag is sent again only when its frame is here: the newest place wins.
  function ask(what, given) {
    if (!socket || socket.readyState !== 1) return false;
    var asked = Object.assign({ "do": what, seq: ++seq }, given || {});
    socket.send(JSON.stringify(asked));
    metrics.sent++;
    return true;
  }
  function connect() {
    socket = new WebSocket("ws://" + location.host + "/live");
    socket.binaryType = "arraybuffer";
    socket.onmessage = function (event) { receive(event.data); };
    socket.onclose = function (event) {
      metrics.ready = false;
      sending = null;
      if (event.code === 4429) { banner(w("too_many")); return; }
      restored = restored || { changes: changes.slice(), look: frame && frame.case };
      banner(w("lost_line"));
      window.setTimeout(again, 1000);
    };
  }
  function again() {
    fetch("words.json", { credentials: "same-origin" }).then(function (found) {
      if (found.status === 403) { banner(w("restarted")); return; }
      connect();
    }, function () { window.setTimeout(again, 1000); });
  }
  var bannerTimer = null;
  function banner(text, good, shortly) {
    var box = el("banner");
    window.clearTimeout(bannerTimer);
    box.hidden = !text;
    box.textContent = text || "";
    box.className = "banner" + (good ? " good" : "");
    if (shortly) bannerTimer = window.setTimeout(function () { box.hidden = true; }, 6000);
  }
  function receive(buffer) {
    var head = opened(buffer);
    var take = { hello: takeHello, frame: takeFrame, today: takeToday, cell: takeCell, gaps: takeGaps, outline: takeOutline, suggest: takeSuggestion, curve: takeSuggestion,
      closable: takeClosable, proof: takeProof, saved: takeSaved, exists: takeExists, refused: takeRefusal, working: takeWorking }[head.type];
    if (take) take(head, buffer.byteLength);
  }
  function takeHello(head) {
    hello = head;
    document.title = head.name + " – access15";
    el("name").textContent = head.name;
    if (restored) {
      var back = restored;
      restored = null;
      if (back.look) ask("look", back.look);
      if (back.changes.length) ask("restore", { changes: back.changes });
      banner(w("back"), true, true);
    } else banner("");
    frame = null;
  }
  function takeFrame(head, size) {
    var fresh = !frame, look = frame && JSON.stringify(frame.case) !== JSON.stringify(head.case);
    takeClasses(head);
    frame = head;
    if (head.seq > answered) answered = head.seq;
    if (head.sites) { sites = head.sites; changes = head.changes; }
    if (head.held) sites = sites.map(function (site) { return site.id === head.held.id ? head.held : site; });
    if (outlined && (look || head.sites)) askOutline();
    if (look) { today = null; suggested = null; closing = null; ask("today"); }
    if (fresh) { ask("today"); }
    metrics.frames++;
    metrics.bytes.push(size);
    if (metrics.bytes.length > 5000) metrics.bytes.shift();
    var begun = sending && sending.seq === head.seq ? sending.at : 0;
    if (begun) {
      sending = null;
      layer.after = function () {
        metrics.steps.push(performance.now() - begun);
        if (metrics.steps.length > 5000) metrics.steps.shift();
      };
      if (held && held.next) { var next = held.next; held.next = null; follow(next); }
    }
    layer.later();
    if (head.sites) showSites();
    showScore();
    if (!held || head.sites) showSide(); else showHeld();
    if (head.sites) showChanges();
    if (fresh || look) { showCase(); showLegend(); }
    if (!metrics.first) layer.after = function () { metrics.first = performance.now(); metrics.ready = true; };
    metrics.ready = true;
  }
  function takeToday(head) {
    var codes = head.bytes[1];
    today = new Uint8Array(cells.n);
    for (var i = 0; i < cells.n; i++) today[i] = i & 1 ? codes[i >> 1] & 15 : codes[i >> 1] >> 4;
    if (comparing) { paintAll(); layer.later(); }
  }
  function takeWorking(head) { working = head.on; showSide(); }
  function takeRefusal(head) {
    banner(w("refused", { x: head.why }), false, true);
    if (sending && sending.seq === head.seq) sending = null;
    if (head["do"] === "drag" || head["do"] === "drop") { held = null; showSites(); }
    if (!el("veil").hidden) say(head.why);
    working = "";
    showSide();
  }
  function takeGaps(head) {
    working = working === "gaps" ? "" : working;
    if (head.why) { banner(head.why, false, true); return; }
    gaps = head.gaps; gapCount = head.count;
    showBadges();
    layer.later();
    if (!held) showSide();
  }
  function askOutline() { window.clearTimeout(outlineTimer); outlineTimer = window.setTimeout(function () { ask("outline"); }, 300); }
  function takeOutline(head) {
    if (working === "outline") { working = ""; showSide(); }
    if (head.why) { banner(head.why, false, true); return; }
    outline = outlined ? head.rings : [];
    layer.later();
  }
  function switchOutline() {
    outlined = !outlined; outline = [];
    el("outline").setAttribute("aria-pressed", String(outlined));
    if (outlined) ask("outline");
    layer.later();
  }
  function takeSuggestion(head) {
    working = "";
    if (head.why) { banner(head.why, false, true); suggested = null; showSide(); return; }
    proof = null;
    suggested = head;
    if (!head.sites.length) banner(w("no_more"), false, true);
    showGhosts();
    showSide();
    showOnPhone();
  }
  function takeClosable(head) {
    working = "";
    if (head.why) banner(head.why, false, true); else closing = head.sites;
    showSide();
  }
  function takeProof(head) {
    working = "";
    proof = Object.assign({}, proof || {}, head);
    if (head.why) banner(head.why, false, true);
    if (head.sites && suggested) { suggested = { sites: head.sites, proven: head.gap === 0 }; showGhosts(); }
    showSide();
  }

  // Dragging.
  var held = null;
  function follow(place) {
    if (sending) { held.next = place; return; }
    if (ask("drag", { id: held.id, lon: place.lng, lat: place.lat })) sending = { seq: seq, at: place.at || performance.now() };
  }
  function startDrag(id) { held = { id: id, next: null }; picked = id; suggested = null; closing = null; showGhosts(); el("tip").hidden = true; }
  function dropped(id, place, again) {
    held = null; sending = null;
    ask("drop", { id: id, lon: place.lng, lat: place.lat, again: again === true });
  }
  function icon(site) {
    var small = site.tier && sites.length > 40;
    var node = make("div", "+", null, "site" + (site["new"] ? " new" : site.moved ? " moved" : small ? " small" : "") + (site.open ? "" : " closed") + (site.linked === false ? " lost" : ""));
    return L.divIcon({ html: node, className: "", iconSize: null });
  }
  function showSites() {
    var seen = {}, view = map.getBounds().pad(0.2);
    sites.forEach(function (site) {
      var inView = sites.length <= MANY_SITES || view.contains([site.lat, site.lon]) || site["new"] || site.moved;
      if (!inView || (site["new"] && !site.open)) return;
      seen[site.id] = true;
      var key = [site.open, site.moved, site["new"], site.linked, site.name].join("|");
      var marker = markers[site.id];
      if (!marker) marker = markers[site.id] = newMarker(site);
      if (!held || held.id !== site.id) {
        marker.setLatLng([site.lat, site.lon]);
        if (marker.key !== key) {
          var had = marker._icon && marker._icon.contains(document.activeElement);
          marker.setIcon(icon(site)); marker.key = key; dress(marker, site);
          if (had) marker._icon.focus();
        }
      }
      // The icon stays the same node: a new one would fall out of the hand that holds it.
      marker._icon.firstChild.classList.toggle("picked", site.id === picked);
    });
    Object.keys(markers).forEach(function (id) { if (!seen[id]) { map.removeLayer(markers[id]); delete markers[id]; } });
  }
  function dress(marker, site) {
    marker._icon.setAttribute("role", "button");
    marker._icon.setAttribute("tabindex", "0");
    marker._icon.setAttribute("aria-label", site.name);
    marker._icon.setAttribute("data-id", site.id);
    marker._icon.title = site.name;
  }
  function newMarker(site) {
    var id = site.id, marker = L.marker([site.lat, site.lon], { icon: icon(site), draggable: true, keyboard: false, autoPan: false, zIndexOffset: site["new"] ? 500 : 0 });
    marker.addTo(map);
    dress(marker, site);
    marker.on("dragstart", function () { startDrag(id); });
    marker.on("drag", function (event) { var at = event.latlng; follow({ lng: at.lng, lat: at.lat, at: performance.now() }); });
    marker.on("dragend", function () { dropped(id, marker.getLatLng()); });
    marker.on("click", function () { pick(id); });
    marker.on("add", function () { var s = find(id); if (s) dress(marker, s); });
    marker._icon.addEventListener("focus", function () { if (picked !== id) pick(id); }, true);
    return marker;
  }
  function find(id) { return sites.filter(function (site) { return site.id === id; })[0]; }
  function pick(id) { picked = id; closing = null; showSites(); showSide(); showOnPhone(); }
  function showOnPhone() { if (window.innerWidth <= 760 && (picked || suggested)) el("ctx").scrollIntoView({ block: "nearest" }); }
  var keyTimer = null, keyPlace = null;
  function nudge(key, metres) {
    var site = find(picked);
    if (!site) return;
    var from = keyPlace || { lng: site.lon, lat: site.lat }, north = metres / R * 180 / Math.PI, east = north / Math.cos(from.lat * Math.PI / 180);
    var move = { ArrowUp: [0, north], ArrowDown: [0, -north], ArrowLeft: [-east, 0], ArrowRight: [east, 0] }[key];
    if (!held) startDrag(picked);
    keyPlace = { lng: from.lng + move[0], lat: from.lat + move[1], at: performance.now() };
    if (markers[picked]) markers[picked].setLatLng([keyPlace.lat, keyPlace.lng]);
    follow(keyPlace);
    window.clearTimeout(keyTimer);
    keyTimer = window.setTimeout(keepNudge, 700);
  }
  function keepNudge() {
    window.clearTimeout(keyTimer);
    if (!keyPlace || !held) { keyPlace = null; return; }
    var place = keyPlace;
    keyPlace = null;
    dropped(held.id, place, true);
  }
  function showGhosts() {
    if (ghost) { map.removeLayer(ghost); ghost = null; }
    if (!suggested || !suggested.sites.length) return;
    ghost = L.layerGroup(suggested.sites.map(function (site, at) {
      var node = make("div", suggested.sites.length > 1 ? String(at + 1) : "+", null, "site ghost");
      return L.marker([site.lat, site.lon], { icon: L.divIcon({ html: node, className: "", iconSize: null }), keyboard: false, interactive: false });
    })).addTo(map);
  }
  function showBadges() {
    badges.forEach(function (badge) { map.removeLayer(badge); });
    badges = comparing ? [] : gaps.slice(0, 12).map(function (gap, at) {
      var best = gap.rings[0], x = 0, y = 0;
      best.forEach(function (c) { x += c[0] / best.length; y += c[1] / best.length; });
      gap.at = [y, x];
      var node = make("div", null, null, "rot"), inner = make("div", null, node, "badge");
      make("span", String.fromCharCode(65 + at), inner);
      inner.style.margin = "0";
      return L.marker(gap.at, { icon: L.divIcon({ html: node, className: "badge-box", iconSize: [23, 23] }), interactive: false, keyboard: false }).addTo(map);
    });
  }

  // The side: score, what is selected, changes.
  function showScore() {
    var box = el("score"), f = frame;
    clear(box);
    var big = make("div", null, box, "big");
    make("b", percent(f.rate), big);
    var met = f.target !== null && f.short === 0;
    make("span", f.target === null ? w("no_target") : met ? w("target_met", { t: percent(f.target) }) : w("target_short", { t: percent(f.target), n: whole(f.short) }), big, f.target === null ? "" : met ? "ok" : "no");
    var line = svg("svg", { viewBox: "0 0 330 22", width: "100%", "aria-hidden": "true" }, box), all = f.total || 1;
    svg("rect", { y: 4, width: 330, height: 10, fill: "#F1C9A5" }, line);
    svg("rect", { y: 4, width: 330 * f.within / all, height: 10, fill: "#DCE6F6" }, line);
    for (var x = 330 * Math.min(f.today, f.within) / all; x < 330 * f.within / all; x += 6) svg("path", { d: "M" + x.toFixed(1) + " 14l5 -10", stroke: "#1C4A9C", "stroke-width": 1.2 }, line);
    svg("rect", { y: 4, width: 330 * Math.min(f.today, f.within) / all, height: 10, fill: "#2F6F86" }, line);
    if (f.target !== null) svg("path", { d: "M" + (330 * f.target).toFixed(1) + " 0V20", stroke: "#1D2429", "stroke-width": 2 }, line);
    var ln = make("div", null, box, "ln"), left = make("span", null, ln);
    if (f.gained > 0.5 || f.lost > 0.5) {
      make("span", w("gain", { n: whole(f.gained) }) + (lang === "zh" ? "，" : ", "), left);
      make(f.lost > 0.5 ? "b" : "span", w("lose", { n: whole(f.lost) }), left, f.lost > 0.5 ? "ls" : "");
      make("span", w("beyond", { n: whole(f.beyond) }), ln);
    } else {
      left.textContent = w("reach", { n: whole(f.within) });
      make("span", w("not_reach", { n: whole(f.beyond) }), ln);
    }
  }
  function title(text, small, parent) {
    var made = make("h3", null, parent);
    make("span", text, made);
    if (small) make("small", small, made);
    return made;
  }
  function pair(list, name, value, bold) { make("dt", name, list); var dd = make("dd", null, list); make(bold ? "b" : "span", value, dd); return dd; }
  function degrees(lat, lon) {
    return Math.abs(lat).toFixed(4) + " " + w(lat < 0 ? "lat_s" : "lat_n") + ", " + Math.abs(lon).toFixed(4) + " " + w(lon < 0 ? "lon_w" : "lon_e");
  }
  function showSide() {
    var box = el("ctx"), top = box.scrollTop, focused = box.contains(document.activeElement) ? document.activeElement.id : "";
    if (!frame || box.contains(document.activeElement) && document.activeElement.tagName === "INPUT") return;
    clear(box);
    if (working && working !== "gaps" && working !== "outline") make("p", w(working === "proof" ? "starting" : "table"), box, "hint");
    if (suggested) sideSuggestion(box); else if (picked && find(picked)) sideSite(box); else { sideAreas(box); sideGaps(box); }
    if (suggested || picked && find(picked)) sideAreas(box);
    if (closing) sideClosing(box);
    sideTimes(box);
    box.scrollTop = top;
    if (focused && el(focused)) el(focused).focus();
  }
  function showHeld() {
    var where = box2("where"), brings = box2("brings"), mean = box2("mean"), site = find(held.id);
    if (!where || !site) { showSide(); return; }
    where.textContent = degrees(site.lat, site.lon);
    brings.textContent = "+" + whole(frame.gained) + " −" + whole(frame.lost);
    box2("serves").textContent = site.capacity > 0 ? w("load", { n: whole(site.serves), m: whole(site.capacity) }) : whole(site.serves);
    mean.textContent = minutes(frame.mean_today) + " → " + minutes(frame.mean) + " " + w("min");
    var old = el("areas"), fresh = areasChart();
    if (old && fresh) old.parentNode.replaceChild(fresh, old);
    var warn = el("far"), text = farText(site);
    if (warn) { warn.textContent = text; warn.hidden = !text; }
  }
  function box2(name) { return el("held-" + name); }
  function farText(site) {
    if (!site.open) return "";
    if (site.linked === false) return w("far", { n: (hello.snap_m / 1000).toFixed(0) });
    return site.leg_m > 300 ? w("sea", { n: whole(site.leg_m) }) : "";
  }
  function sideSite(box) {
    var site = find(picked), list;
    title(held ? w("moving", { x: site.name }) : site.name, "", box);
    list = make("dl", null, box);
    pair(list, w("where"), degrees(site.lat, site.lon)).firstChild.id = "held-where";
    pair(list, w("all_bring"), "+" + whole(frame.gained) + " −" + whole(frame.lost), true).firstChild.id = "held-brings";
    pair(list, w("mean"), minutes(frame.mean_today) + " → " + minutes(frame.mean) + " " + w("min")).firstChild.id = "held-mean";
    pair(list, w("serves"), site.capacity > 0 ? w("load", { n: whole(site.serves), m: whole(site.capacity) }) : whole(site.serves)).firstChild.id = "held-serves";
    if (site.tier) pair(list, w("tier"), site.tier);
    make("dt", w("capacity"), list);
    var input = make("input", null, make("dd", null, list));
    input.type = "number"; input.min = "0"; input.value = site.capacity === null || site.capacity === undefined ? "" : Math.round(site.capacity);
    input.setAttribute("aria-label", w("capacity"));
    input.addEventListener("change", function () {
      var people = parseFloat(input.value);
      if (!(people >= 0)) { banner(w("capacity_bad"), false, true); return; }
      ask("resize", { id: site.id, capacity: people });
    });
    input.addEventListener("keydown", function (event) { if (event.key === "Enter") input.blur(); event.stopPropagation(); });
    var far = make("p", farText(site), box, "warn");
    far.id = "far"; far.hidden = !far.textContent;
    var row = make("div", null, box, "btn");
    button(w(site.open ? "shut" : "reopen"), function () { ask(site.open ? "close" : "open", { id: site.id }); }, row).id = "shut";
    button(w("let_go"), leave, row);
    make("p", w("arrows"), box, "hint");
  }
  function sideSuggestion(box) {
    var first = suggested.sites[0], proven = suggested.proven;
    title(w("suggestion"), proven ? (suggested.sites.length === 1 ? w("proven_one") : "") : w("unproven"), box);
    var list = make("dl", null, box), sum = 0;
    suggested.sites.forEach(function (site, at) {
      pair(list, suggested.sites.length > 1 ? w("rank", { n: at + 1 }) : w("where"), degrees(site.lat, site.lon));
      if (site.gain !== undefined) { sum += site.gain; pair(list, w("brings"), "+" + whole(site.gain), true); }
    });
    if (suggested.looked_at) make("p", w("looked_at", { n: whole(suggested.looked_at) }) + (suggested.spacing_m ? (lang === "zh" ? "，" : ", ") + w("spacing", { n: whole(suggested.spacing_m) }) : ""), box, "hint");
    if (proof && (proof.gain !== undefined || proof.running || proof.stopped)) sideProof(box);
    var row = make("div", null, box, "btn");
    if (first) button(w("open_here"), accept, row, "pri").id = "accept";
    var mine = picked && find(picked);
    if (first && mine) button(w("move_here"), function () { var to = suggested.sites[0]; suggested = null; proof = null; showGhosts(); ask("drop", { id: picked, lon: to.lon, lat: to.lat }); }, row);
    button(w("no_thanks"), leave, row);
    button(w("more"), function () { ask("curve", { count: 5, allowed: ring }); }, row);
    var ask2 = make("div", null, box, "btn"), number = make("input", null, null);
    if (proof && proof.running) { button(w("stop"), function () { ask("stop"); }, ask2).id = "stop"; return; }
    button(w("prove"), function () { proof = { running: true }; ask("prove", { count: Math.max(1, Math.min(30, parseInt(number.value, 10) || 1)) }); }, ask2).id = "prove";
    number.type = "number"; number.min = "1"; number.max = "30"; number.value = suggested.sites.length || 1;
    number.setAttribute("aria-label", w("sites"));
    number.addEventListener("keydown", function (event) { event.stopPropagation(); });
    ask2.appendChild(number); make("span", w("sites"), ask2);
  }
  function sideProof(box) {
    var list = make("dl", null, box);
    list.id = "proof";
    if (proof.gain !== undefined) {
      pair(list, w("best_so_far"), "+" + whole(proof.gain), true);
      pair(list, w("bound"), "+" + whole(proof.gain + Math.max(0, proof.bound - proof.objective)));
      pair(list, w("gap"), (100 * proof.gap).toFixed(2) + "%");
    }
    make("p", proof.running ? w("proving", { s: proof.seconds || 0 }) : proof.stopped ? w("stopped") : proof.gap === 0 ? w("is_proven", { n: proof.sites.length }) : "", box, "hint");
    if (proof.running) { var bar = make("progress", null, box); if (proof.gap !== undefined) { bar.max = 1; bar.value = 1 - Math.min(1, proof.gap); } }
  }
  function areasChart() {
    if (!frame.areas.length) return null;
    var rows = frame.areas, h = 22 * rows.length + 22, drawn = svg("svg", { viewBox: "0 0 330 " + h, width: "100%", "font-size": 12.5, id: "areas", role: "img", "aria-label": w("areas") });
    var x0 = 118, wide = 160, target = frame.target, moved = changes.length || held;
    if (target !== null) {
      svg("rect", { x: x0, y: 18, width: wide * target, height: h - 18, fill: "#FAF1E8" }, drawn);
      svg("path", { d: "M" + (x0 + wide * target) + " 14V" + h, stroke: "#1D2429", "stroke-width": 1.4 }, drawn);
      svg("text", { x: x0 + wide * target, y: 11, "text-anchor": "middle", "font-size": 11, "font-weight": 700, text: percent(target) }, drawn);
    }
    rows.forEach(function (row, at) {
      var y = 30 + 22 * at, low = target !== null && row[2] < target, from = x0 + wide * (row[1] || 0), to = x0 + wide * row[2];
      var name = (hello.areas[row[0]] || "").replace(/[（(].*/, "").trim();
      svg("text", { x: 0, y: y + 4, "font-weight": low ? 700 : 400, text: name.length > 17 ? name.slice(0, 16) + "…" : name }, drawn);
      svg("path", { d: "M" + x0 + " " + y + "H" + (x0 + wide), stroke: "#E4E1D8" }, drawn);
      if (moved && Math.abs(row[2] - row[1]) >= 0.02) {
        var dir = to > from ? 1 : -1, color = dir > 0 ? "#1C4A9C" : "#9A3F0C";
        svg("circle", { cx: from, cy: y, r: 3.4, fill: "#fff", stroke: "#1D2429" }, drawn);
        svg("path", { d: "M" + (from + 4 * dir) + " " + y + "H" + to, stroke: color, "stroke-width": 2 }, drawn);
        svg("path", { d: "M" + to + " " + y + "l" + (-7 * dir) + " -4v8z", fill: color }, drawn);
      } else if (low) svg("path", { d: "M" + to + " " + (y - 5.5) + "l5.5 5.5l-5.5 5.5l-5.5-5.5z", fill: "#9A3F0C" }, drawn);
      else svg("circle", { cx: to, cy: y, r: 4.4, fill: "#2F6F86" }, drawn);
      svg("text", { x: 330, y: y + 4, "text-anchor": "end", fill: low ? "#9A3F0C" : "#1D2429", "font-weight": low ? 700 : 400, text: percent(row[2]) }, drawn);
    });
    return drawn;
  }
  function sideAreas(box) {
    var chart = areasChart();
    if (!chart) return;
    title(w(changes.length || held ? "areas_now" : "areas"), hello.areas.length > frame.areas.length ? w("areas_more", { n: frame.areas.length }) : "", box);
    box.appendChild(chart);
  }
  function sideGaps(box) {
    title(w("gaps"), gaps.length ? w("gaps_unit") + (gapCount > gaps.length ? " · " + w("gaps_of", { n: gaps.length, m: gapCount }) : "") : "", box);
    var list = make("ul", null, box, "gl");
    gaps.slice(0, 8).forEach(function (gap, at) {
      var item = make("li", null, list);
      item.tabIndex = 0;
      make("i", String.fromCharCode(65 + at), item);
      make("span", gap.place, item);
      make("b", whole(gap.people) + " • " + (gap.minutes === null ? "–" : Math.round(gap.minutes)), item);
      function go() { if (gap.at) map.setView(gap.at, Math.max(map.getZoom(), firstZoom + 1)); }
      item.addEventListener("click", go);
      item.addEventListener("keydown", function (event) { if (event.key === "Enter") go(); });
    });
    if (!gaps.length) { var row = make("div", null, box, "btn"); button(w("gaps_look"), function () { ask("gaps"); }, row); }
    make("p", w("hint"), box, "hint");
    var more = make("div", null, box, "btn");
    button(w("closable"), function () { ask("closable", { count: 5 }); }, more).id = "closable";
    if (ring) button(w("clear"), function () { ring = null; layer.later(); showSide(); }, more);
  }
  function sideClosing(box) {
    title(w("closable_head"), w("unproven"), box);
    var list = make("ul", null, box, "gl");
    closing.forEach(function (site, at) {
      var known = find(site.id), item = make("li", null, list);
      item.tabIndex = 0;
      make("span", String(at + 1), item);
      make("span", known ? known.name : site.id, item);
      make("b", w("costs", { n: whole(site.lost) }), item);
      item.addEventListener("click", function () { pick(site.id); });
      item.addEventListener("keydown", function (event) { if (event.key === "Enter") pick(site.id); });
    });
  }
  function sideTimes(box) {
    title(w("times"), changes.length ? w("dashed") : "", box);
    var drawn = svg("svg", { viewBox: "0 0 330 96", width: "100%", "font-size": 12, role: "img", "aria-label": w("times") }, box), most = 1, limit = frame.case.minutes;
    frame.steps.concat(frame.steps_today).forEach(function (v) { if (v > most) most = v; });
    frame.steps.forEach(function (v, at) {
      var color = FILL[at < 2 ? 0 : at < 4 ? 1 : at < 6 ? 2 : at < 12 ? 3 : 4], h = 72 * v / most;
      svg("rect", { x: 330 / 18 * at + 0.5, y: 76 - h, width: 330 / 18 - 1, height: h, fill: color }, drawn);
    });
    if (changes.length) {
      var path = "M0 76";
      frame.steps_today.forEach(function (v, at) { var y = (76 - 72 * v / most).toFixed(1); path += "L" + (330 / 18 * at) + " " + y + "H" + (330 / 18 * (at + 1)); });
      svg("path", { d: path, fill: "none", stroke: "#1D2429", "stroke-width": 1.2, "stroke-dasharray": "3 2" }, drawn);
    }
    svg("path", { d: "M0 76H330", stroke: "#7B7F80" }, drawn);
    svg("path", { d: "M110 0V80", stroke: "#1D2429", "stroke-width": 1.6 }, drawn);
    [0, 1, 2, 3].forEach(function (k) { svg("text", { x: 110 * k, y: 92, "text-anchor": k === 0 ? "start" : k === 3 ? "end" : "middle", text: +(limit * k).toFixed(1) + (k === 3 ? " " + w("min") : "") }, drawn); });
  }
  function said(change) { return w(change.kind, { x: change.name, n: change.capacity === null ? "" : whole(change.capacity) }); }
  function showChanges() {
    var list = el("chg");
    clear(list);
    el("chg-title").textContent = w("changes");
    el("chg-keys").textContent = w("changes_keys");
    if (!changes.length) { var none = make("li", null, list, "mut"); make("i", "", none); make("span", w("changes_none"), none); return; }
    changes.forEach(function (change, at) {
      var item = make("li", null, list, change.on ? "" : "mut");
      make("i", String(at + 1), item);
      make("span", said(change) + (change.on ? "" : " " + w("undone")), item);
      var brings = make("b", null, item);
      if (change.on) {
        if (change.gained >= 0.5 || change.lost < 0.5) make("span", "+" + whole(change.gained), brings, "pl");
        if (change.lost >= 0.5) make("span", " −" + whole(change.lost), brings, "ls");
      }
      button(w(change.on ? "take_back" : "again"), function () { ask("toggle", { number: change.number }); }, item);
      if (change.on && change.lost > change.gained) make("em", w("worse"), item);
    });
  }

  // The case: four words that open.
  function choice(form, label, options, value, change) {
    var made = make("select", null, form);
    made.setAttribute("aria-label", label);
    options.forEach(function (option) { var o = make("option", option[1], made); o.value = option[0]; });
    made.value = value;
    made.addEventListener("change", function () { change(made.value); });
    return made;
  }
  function look(part) { ask("look", Object.assign({}, frame.case, part)); }
  function showCase() {
    var form = el("case"), f = frame.case;
    clear(form);
    choice(form, w("group"), hello.groups.map(function (g) { return [g, g === "all" ? w("everyone") : g]; }), f.group, function (v) { look({ group: v }); }).id = "group";
    make("span", " ", form);
    choice(form, w("mode"), hello.modes.map(function (m) { return [m[0], m[lang === "zh" ? 2 : 1]]; }), f.mode, function (v) { look({ mode: v }); }).id = "mode";
    make("span", " " + w("case_for") + " ", form);
    button(w("case_minutes", { n: +f.minutes.toFixed(1) }), function () { el("minutes").hidden = !el("minutes").hidden; if (!el("minutes").hidden) el("minutes").querySelector("input").focus(); }, form).id = "limit";
    make("span", " " + w("case_to") + " ", form);
    choice(form, w("scenario"), [["", w("today_sites")]].concat(hello.saved.map(function (name) { return [name, name]; })), loaded, function (v) { loaded = v; picked = null; suggested = null; showGhosts(); ask("load", { name: v }); }).id = "scenario";
    var slide = el("minutes"), range = slide.querySelector("input");
    if (!range) {
      range = make("input", null, slide);
      range.type = "range"; range.min = "1"; range.max = "60"; range.step = "1"; range.id = "slider";
      range.addEventListener("input", function () { look({ minutes: +range.value }); });
      hello.minutes.forEach(function (m) { button(String(m), function () { look({ minutes: m }); }, slide); });
    }
    range.setAttribute("aria-label", w("limit"));
    range.value = f.minutes;
  }
  var loaded = "";
  function showLegend() {
    var box = el("legend");
    clear(box);
    if (comparing) {
      [["same", "same"], ["gain", "gains"], ["beyond", "still"], ["lose", "loses"]].forEach(function (kind) {
        var span = make("span", null, box), dot = make("b", null, span);
        dot.style.background = DIFF[kind[0]]; dot.style.borderColor = DIFF_EDGE[kind[0]] === "#FFFFFF" ? DIFF[kind[0]] : DIFF_EDGE[kind[0]];
        if (kind[0] === "lose") dot.style.borderWidth = "2.5px";
        make("span", w(kind[1]), span);
      });
    } else {
      var ramp = make("span", null, box, "rp");
      frame.ends.concat([null]).forEach(function (end, at) {
        var i = make("i", end === null ? ">" + +frame.ends[frame.ends.length - 1].toFixed(1) : (at ? "" : "≤") + +end.toFixed(1), ramp);
        i.style.background = FILL[at]; i.style.borderColor = EDGE[at]; if (at > WITHIN) i.style.color = "#fff";
        if (at === WITHIN + 1) i.style.borderLeft = "3px solid #1D2429";
      });
      make("span", w("min"), ramp);
      var none = make("span", null, box), spot = make("b", null, none);
      spot.style.background = FILL[6];
      make("span", w("no_way"), none);
      var gap = make("span", null, box);
      make("b", null, gap, "gp");
      make("span", w("gap_key"), gap);
      if (cells.head.hidden) make("span", w("hidden", { n: whole(cells.head.hidden) }), box);
    }
    make("span", hello.credit, box, "sc");
  }
  function takeCell(head) {
    var tip = el("tip");
    if (head.row === null || held || !tip.at) { tip.hidden = true; return; }
    tip.textContent = whole(head.people) + " " + w("people") + " · " + (head.minutes === null ? w(head.linked ? "cell_none" : "cell_unlinked") : w("cell_time", { n: minutes(head.minutes), x: head.site }));
    tip.style.left = Math.min(tip.at.x + 14, map.getSize().x - 200) + "px";
    tip.style.top = tip.at.y + 14 + "px";
    tip.hidden = false;
  }

  // Keeping: save, export.
  var lastFocus = null;
  function openBox() {
    var box = el("box");
    lastFocus = document.activeElement;
    clear(box);
    make("h2", w("save_title"), box).id = "box-title";
    var form = make("form", null, box), label = make("label", w("save_name"), form), input = make("input", null, label);
    input.type = "text"; input.id = "save-name"; input.maxLength = 80; input.value = loaded;
    make("p", "", box, "why").id = "why";
    var row = make("div", null, form, "btn"), save = make("button", w("save"), row, "pri");
    save.type = "submit"; save.id = "save";
    form.addEventListener("submit", function (event) { event.preventDefault(); say(""); ask("save", { name: input.value }); });
    title(w("export"), "", box);
    var files = make("div", null, box, "btn");
    [["map.png", "png"], ["tables.xlsx", "xlsx"], ["coverage.gpkg", "gpkg"], ["snapshot.html", "html"]].forEach(function (kind) {
      button(w(kind[1]), function () { exportFile(kind[0]); }, files).setAttribute("data-file", kind[0]);
    });
    var last = make("div", null, box, "btn");
    button(w("close_box"), closeBox, last);
    el("veil").hidden = false;
    input.focus();
  }
  function closeBox() { el("veil").hidden = true; if (lastFocus) lastFocus.focus(); }
  function say(text, good) { var why = el("why"); if (why) { why.textContent = text; why.className = "why" + (good ? " ok" : ""); } }
  function takeSaved(head) {
    hello.saved = head.saved; loaded = head.name;
    say(w("saved", { x: head.name }), true);
    showCase();
  }
  function takeExists(head) {
    say(w("exists", { x: head.name }));
    button(w("replace"), function () { say(""); ask("save", { name: head.name, overwrite: true }); }, el("why")).id = "replace";
  }
  function exportFile(kind) {
    say(w("writing"), true);
    fetch("export/" + kind + "?page=" + encodeURIComponent(hello.page) + "&lang=" + lang, { credentials: "same-origin" }).then(function (found) {
      if (!found.ok) return found.text().then(function (text) { throw new Error(text); });
      return found.blob().then(function (blob) {
        var link = make("a", null, document.body), url = URL.createObjectURL(blob);
        link.href = url; link.download = kind; link.click();
        document.body.removeChild(link);
        window.setTimeout(function () { URL.revokeObjectURL(url); }, 60000);
        metrics.exported = { kind: kind, size: blob.size };
        say(w("written"), true);
      });
    }).catch(function (error) { say(error.message); });
  }

  // What keys and buttons do.
  function accept() { var to = suggested.sites[0]; suggested = null; proof = null; showGhosts(); ask("add", { lon: to.lon, lat: to.lat }); }
  function leave() {
    if (held) { held = null; keyPlace = null; window.clearTimeout(keyTimer); sending = null; ask("leave"); }
    if (drawing) { drawing = null; banner(""); }
    stopAdding();
    suggested = null; proof = null; closing = null; picked = null; working = "";
    el("minutes").hidden = true;
    showGhosts(); showSites(); showSide(); layer.later();
  }
  function startAdding() { adding = true; document.body.classList.add("adding"); banner(w("new_hint"), true); }
  function stopAdding() { if (adding) banner(""); adding = false; document.body.classList.remove("adding"); }
  function startDrawing() { drawing = []; suggested = null; showGhosts(); banner(w("draw_hint"), true); el("draw").setAttribute("aria-pressed", "true"); }
  function endDrawing() {
    if (drawing && drawing.length > 2) { ring = drawing; banner(w("draw_on"), true, true); } else banner("");
    drawing = null;
    el("draw").setAttribute("aria-pressed", String(!!ring));
    layer.later(); showSide();
  }
  function suggest() { ask("suggest", { allowed: ring }); }
  function compare() {
    comparing = !comparing;
    el("compare").setAttribute("aria-pressed", String(comparing));
    paintAll(); layer.later(); showLegend(); showBadges();
  }
  function onKey(event) {
    if (!el("veil").hidden) { if (event.key === "Escape") closeBox(); return; }
    var control = event.ctrlKey || event.metaKey, typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "range";
    if (control && event.key.toLowerCase() === "z") { event.preventDefault(); ask(event.shiftKey ? "redo" : "undo"); return; }
    if (control && event.key.toLowerCase() === "y") { event.preventDefault(); ask("redo"); return; }
    if (control || event.altKey || typing) return;
    if (/^Arrow/.test(event.key) && picked && event.target.type !== "range") { event.preventDefault(); nudge(event.key, event.shiftKey ? 100 : 25); return; }
    var act = { n: startAdding, s: suggest, b: compare, a: startDrawing, i: switchOutline, escape: leave }[event.key.toLowerCase()];
    if (act) { event.preventDefault(); act(); return; }
    if (event.key !== "Enter") return;
    if (drawing) { event.preventDefault(); endDrawing(); }
    else if (keyPlace) { event.preventDefault(); keepNudge(); }
    else if (suggested && suggested.sites.length && event.target.tagName !== "BUTTON" && event.target.tagName !== "LI") { event.preventDefault(); accept(); }
    else if (event.target.getAttribute && event.target.getAttribute("data-id")) { event.preventDefault(); pick(event.target.getAttribute("data-id")); }
    else if (adding) { event.preventDefault(); addAt(map.getCenter()); }
  }
  function addAt(place) { stopAdding(); ask("add", { lon: place.lng, lat: place.lat }); }
  function dress2() {
    document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
    [["undo"], ["redo"], ["compare", "B"], ["keep"], ["lang"], ["new", "N"], ["suggest", "S"], ["draw", "A"], ["outline", "I"]].forEach(function (part) {
      var node = el(part[0]);
      node.textContent = w(part[0]);
      if (part[1]) make("kbd", part[1], node);
    });
    el("map").setAttribute("aria-label", w("map"));
    el("chg-title").textContent = w("changes");
  }
  function start() {
    try { lang = localStorage.getItem("access15-lang") || ""; } catch (error) { lang = ""; }
    if (lang !== "en" && lang !== "zh") lang = /^zh/i.test(navigator.language || "") ? "zh" : "en";
    dress2();
    el("undo").addEventListener("click", function () { ask("undo"); });
    el("redo").addEventListener("click", function () { ask("redo"); });
    el("compare").addEventListener("click", compare);
    el("keep").addEventListener("click", openBox);
    el("new").addEventListener("click", startAdding);
    el("suggest").addEventListener("click", suggest);
    el("draw").addEventListener("click", function () { if (drawing) endDrawing(); else startDrawing(); });
    el("outline").addEventListener("click", switchOutline);
    el("lang").addEventListener("click", function () {
      lang = lang === "zh" ? "en" : "zh";
      try { localStorage.setItem("access15-lang", lang); } catch (error) { /* it is asked again next time */ }
      dress2();
      if (frame) { showCase(); showLegend(); showScore(); showSide(); showChanges(); }
    });
    document.addEventListener("keydown", onKey);
    map = L.map("map", { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, zoomControl: false, attributionControl: false, keyboard: false, zoomSnap: 0.5, doubleClickZoom: false, minZoom: 3, maxZoom: 19 });
    L.control.zoom({ position: "topright", zoomInTitle: w("zoom_in"), zoomOutTitle: w("zoom_out") }).addTo(map);
    layer = new Layer();
    get("cells").then(function (buffer) {
      readCells(buffer);
      var b = cells.box, pad = 1e-4;
      map.fitBounds([[b[1] - pad, b[0] - pad], [b[3] + pad, b[2] + pad]], { padding: [12, 12], animate: false });
      firstZoom = map.getZoom();
      layer.addTo(map);
      connect();
      return get("ground").then(readGround);
    }).catch(function (error) { banner(error.message === "403" ? w("restarted") : error.message); });
    map.on("click", function (event) {
      if (adding) { addAt(event.latlng); return; }
      if (drawing) { drawing.push([event.latlng.lng, event.latlng.lat]); layer.later(); return; }
      if (picked || suggested) leave();
    });
    map.on("moveend", function () { if (sites.length > MANY_SITES) showSites(); });
    var tipTimer = 0;
    map.on("mousemove", function (event) {
      if (held || performance.now() - tipTimer < 90 || !metrics.ready) return;
      tipTimer = performance.now();
      el("tip").at = event.containerPoint;
      var across = map.containerPointToLatLng(event.containerPoint.add([10, 0]));
      ask("hover", { lon: event.latlng.lng, lat: event.latlng.lat, within: Math.max(1e-5, Math.abs(across.lng - event.latlng.lng)) });
    });
    map.on("mouseout", function () { el("tip").hidden = true; el("tip").at = null; });
  }
  fetch("words.json", { credentials: "same-origin" }).then(function (found) { return found.json(); }).then(function (found) { words = found; start(); });
})();
