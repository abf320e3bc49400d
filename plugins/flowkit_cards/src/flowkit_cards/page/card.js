(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";

  // --- elements: ["tag", {attribute: value}, child, ...], as the page was made from -------------------------------

  const space = (tag, outer) => (tag === "svg" ? SVG : outer);

  function build(node, outer) {
    if (typeof node === "string") return document.createTextNode(node);
    const [tag, attributes] = node;
    const ns = space(tag, outer);
    const made = ns ? document.createElementNS(ns, tag) : document.createElement(tag);
    for (const name in attributes) made.setAttribute(name, attributes[name]);
    fill(made, node.slice(2), ns);
    return made;
  }

  function fill(element, children, ns) {
    if (children.length === 1 && children[0][0] === "#html") {
      const markup = children[0][2];
      if (element.flowkitMarkup !== markup) {
        element.flowkitMarkup = markup;
        element.innerHTML = markup;
      }
    } else if (!element.classList || !element.classList.contains("chart")) {
      arrange(element, children, ns);
    }
  }

  function matches(old, node) {
    if (typeof node === "string") return old.nodeType === 3;
    return old.nodeType === 1 && old.localName === node[0].toLowerCase();
  }

  function change(old, node, outer) {
    if (typeof node === "string") {
      if (old.data !== node) old.data = node;
      return;
    }
    const [tag, attributes] = node;
    for (const { name } of [...old.attributes]) {
      // What the reader has opened stays open.
      if (!(name in attributes) && name !== "open") old.removeAttribute(name);
    }
    for (const name in attributes) {
      if (name !== "open" && old.getAttribute(name) !== attributes[name]) old.setAttribute(name, attributes[name]);
    }
    fill(old, node.slice(2), space(tag, outer));
  }

  // Children by their data-id where they have one, else by their place; all others go.
  function arrange(parent, nodes, ns) {
    const named = new Map();
    for (const child of parent.children) if (child.dataset && child.dataset.id) named.set(child.dataset.id, child);
    let here = parent.firstChild;
    for (const node of nodes) {
      const key = typeof node === "string" ? undefined : node[1]["data-id"];
      let used = key === undefined ? here : named.get(key);
      if (used && matches(used, node)) {
        if (used !== here) parent.insertBefore(used, here);
        change(used, node, ns);
      } else {
        const made = build(node, ns);
        if (used && used === here) parent.replaceChild(made, used);
        else parent.insertBefore(made, here);
        used = made;
      }
      here = used.nextSibling;
    }
    while (here) {
      const next = here.nextSibling;
      here.remove();
      here = next;
    }
  }

  // --- charts -----------------------------------------------------------------------------------------------------

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const loader = {
    load: () => Promise.reject(new Error("a card asks the network for nothing")),
    sanitize: (uri) =>
      /^(https?:|data:image\/)/i.test(uri)
        ? Promise.resolve({ href: uri, target: "_blank", rel: "noopener noreferrer" })
        : Promise.reject(new Error("only links to the web")),
  };

  function drawChart(box) {
    if (!window.vegaEmbed || box.flowkitSpec === box.dataset.spec + dark.matches) return;
    box.flowkitSpec = box.dataset.spec + dark.matches;
    const spec = JSON.parse(box.dataset.spec);
    const isVega = /schema\/vega\//.test(spec.$schema || "");
    // The schema says a version that is seldom the one here; the difference is none to shout about.
    delete spec.$schema;
    // As wide as the card where the chart doesn't say, once: a chart of its own width keeps it.
    if (spec.width === undefined && !spec.hconcat && !spec.vconcat && !spec.concat && !spec.facet && !spec.repeat && !isVega) spec.width = "container";
    const config = { background: "transparent" };
    const options = {
      mode: isVega ? "vega" : "vega-lite", ast: true, renderer: "svg", tooltip: false, loader, config,
      actions: box.dataset.actions ? { export: true, source: true, compiled: false, editor: false } : false,
      theme: dark.matches ? "dark" : undefined,
      logLevel: 0,
    };
    const say = (error) => {
      box.textContent = `This chart can't be drawn: ${error.message}`;
    };
    try {
      window.vegaEmbed(box, spec, options).catch(say);
    } catch (error) {
      say(error);
    }
  }

  const drawCharts = () => document.querySelectorAll(".chart").forEach(drawChart);
  dark.addEventListener("change", drawCharts);

  // --- live updates -----------------------------------------------------------------------------------------------

  // data: what StoredCard.get_data() gives. True if the card now shows it, false if it must be loaded again.
  window.flowkit_card_update = (data) => {
    const views = data && (data.views || data);
    if (!views || typeof views !== "object") return false;
    const area = document.getElementById("components");
    if (area && data.views && Array.isArray(data.layout)) {
      arrange(area, data.layout.map((name) => views[name]).filter(Boolean), undefined);
    } else {
      for (const name in views) {
        const old = document.querySelector(`[data-id="${CSS.escape(name)}"]`);
        if (old && Array.isArray(views[name])) change(old, views[name], undefined);
      }
    }
    drawCharts();
    return Boolean(area) && (Boolean(window.vegaEmbed) || !document.querySelector(".chart"));
  };

  addEventListener("message", (event) => {
    const data = event.data;
    if (event.source !== parent || !data || typeof data !== "object") return;
    if (data.flowkit_card_update) {
      const done = window.flowkit_card_update(data.flowkit_card_update);
      parent.postMessage({ flowkit_card_updated: done }, "*");
    }
    if (typeof data.flowkit_card_scroll === "number") scrollTo({ top: data.flowkit_card_scroll, behavior: "instant" });
  });

  // A viewer that loads the page again brings the reader back to where they were.
  if (parent !== window) {
    addEventListener("scroll", () => parent.postMessage({ flowkit_card_scroll: scrollY }, "*"), { passive: true });
  }

  // --- the rest ---------------------------------------------------------------------------------------------------

  addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-copy]");
    if (!button) return;
    const done = () => {
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    };
    // A sandboxed page has no clipboard of its own.
    const area = document.createElement("textarea");
    area.value = button.dataset.copy;
    document.body.append(area);
    area.select();
    if (document.execCommand("copy")) done();
    area.remove();
    button.focus();
  });

  const links = new Map();
  for (const link of document.querySelectorAll("nav a")) links.set(link.hash.slice(1), link);
  if (links.size && "IntersectionObserver" in window) {
    const mark = (entries) => {
      const entry = entries.find((one) => one.isIntersecting);
      if (!entry) return;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.id).setAttribute("aria-current", "true");
    };
    const observer = new IntersectionObserver(mark, { rootMargin: "0px 0px -75% 0px" });
    for (const name of links.keys()) {
      const target = document.getElementById(name);
      if (target) observer.observe(target);
    }
  }

  drawCharts();
})();
