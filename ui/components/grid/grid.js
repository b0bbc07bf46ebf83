/**
 * A grid of pictures to choose from. One card has the focus at a time: arrows, Home and End move it; Enter, Space or a click
 * choose.
 *
 * Data: {label, cards: [{id, title, url, lines, status, colour, dim}], chosen}; see grid() in ui/components/__init__.py. It
 * reports the state `chosen`, a card's id.
 */

import { chord, clamp, make, media } from "../shared/dom.js";
import { instances } from "../shared/instances.js";

class Grid {
  constructor(root, report) {
    Object.assign(this, { root, report });
    root.addEventListener("keydown", (event) => this.key(event));
  }

  update({ label, cards, chosen }) {
    this.root.setAttribute("aria-label", label);
    const told = JSON.stringify(cards);
    if (told !== this.told) this.root.replaceChildren(...cards.map((card) => this.card(card)));
    this.told = told;
    this.mark(chosen);
  }

  card({ id, title, url, lines, status, colour, dim }) {
    const picture = url && make("img", { src: media(url), alt: "", loading: "lazy", decoding: "async" });
    const said = make("span", { class: "status" }, status);
    said.style.setProperty("--status", colour);
    return make(
      "div",
      { class: dim ? "card dim" : "card", role: "option", "data-id": id, onclick: () => this.choose(id) },
      make("div", { class: "frame" }, ...(picture ? [picture] : [])),
      make("div", { class: "line" }, make("span", { class: "title" }, title), ...(status ? [said] : [])),
      ...lines.map((line) => make("div", { class: "line faint figures" }, line)),
    );
  }

  mark(chosen) {
    const cards = [...this.root.children];
    const known = cards.some((card) => card.dataset.id === chosen);
    cards.forEach((card, i) => {
      card.setAttribute("aria-selected", card.dataset.id === chosen);
      card.tabIndex = (known ? card.dataset.id === chosen : i === 0) ? 0 : -1;
    });
  }

  choose(id) {
    this.mark(id);
    this.report.state("chosen", id);
  }

  get across() {
    return getComputedStyle(this.root).gridTemplateColumns.split(" ").length;
  }

  key(event) {
    const cards = [...this.root.children];
    const at = cards.indexOf(event.target.closest("[data-id]"));
    const name = chord(event);
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.across, ArrowDown: this.across };
    const to = { Home: 0, End: cards.length - 1 }[name] ?? (name in steps ? at + steps[name] : null);
    if (at < 0 || (to === null && name !== "Enter" && name !== " ")) return;
    if (to === null) this.choose(cards[at].dataset.id);
    else cards[clamp(to, 0, cards.length - 1)].focus();
    event.preventDefault();
    event.stopPropagation();
  }

  close() {}
}

export const mount = instances((root, report) => new Grid(root, report));
