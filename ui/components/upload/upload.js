/**
 * Files sent straight to the project's disk, piece by piece, each with its progress.
 *
 * Data: {label, hint, accept, many, kind}; see upload() in ui/components/__init__.py. It reports the event `received`: what
 * the server answered for each file, when all have ended.
 */

import { make } from "../shared/dom.js";
import { instances } from "../shared/instances.js";

class Upload {
  constructor(root, report) {
    const one = (name) => root.querySelector(`[data-${name}]`);
    Object.assign(this, { root, report, one });
    const drop = one("drop");
    one("choose").addEventListener("click", () => one("files").click());
    one("files").addEventListener("change", () => this.send([...one("files").files]));
    drop.addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      this.send([...event.dataTransfer.files]);
    });
  }

  update(data) {
    this.data = data;
    this.root.setAttribute("aria-label", data.label);
    this.one("choose").textContent = data.label;
    this.one("hint").textContent = data.hint;
    Object.assign(this.one("files"), { accept: data.accept, multiple: data.many });
  }

  /** One after the other: a disk writes one large file faster than two. */
  async send(files) {
    this.one("choose").disabled = true;
    const answers = [];
    for (const file of this.data.many ? files : files.slice(0, 1)) answers.push(await this.sent(file));
    this.one("choose").disabled = false;
    this.one("files").value = "";
    this.report.event("received", answers);
  }

  /** {name, ...}: what the server says of a file, or an `error`. */
  sent(file) {
    const bar = make("progress", { max: 1, value: 0, "aria-label": `Sending ${file.name}` });
    const line = make("li", {}, make("span", {}, file.name), bar);
    this.one("list").append(line);
    const request = new XMLHttpRequest();
    const stop = make("button", { type: "button", onclick: () => request.abort() }, "Stop");
    line.append(stop);
    request.open("POST", `/upload/${this.data.kind}?name=${encodeURIComponent(file.name)}`);
    request.upload.addEventListener("progress", ({ loaded, total }) => (bar.value = loaded / total));
    request.responseType = "json";
    return new Promise((resolve) => {
      const end = (answer) => {
        stop.remove();
        bar.remove();
        const text = answer.error ?? "received";
        line.append(make("span", { class: answer.error ? "refused" : "faint" }, text));
        resolve({ name: file.name, ...answer });
      };
      request.addEventListener("load", () => end(request.response ?? { error: "the server did not take it" }));
      request.addEventListener("abort", () => end({ error: "stopped" }));
      request.addEventListener("error", () => end({ error: "the connection broke off; try again" }));
      request.send(file);
    });
  }

  close() {}
}

export const mount = instances((root, report) => new Upload(root, report));
