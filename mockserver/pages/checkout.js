(() => {
  "use strict";

  const $ = (id) => document.getElementById(id);
  const dialog = $("checkout");
  const { session, origin, state } = dialog.dataset;
  const framed = window.parent !== window;
  const views = new Map([...dialog.querySelectorAll("[data-view]")].map((v) => [v.dataset.view, v]));
  const steps = { phone: "Phone", code: "Code", card: "Card", confirm: "Confirm" };
  const entered = {}; // the person's input, by the server's field names
  let offer = { due: $("due").textContent, free: dialog.dataset.free === "true" };
  let payer = dialog.dataset.customer; // the customer's id, once the session is completed
  let view = "";
  let busy = false;

  document.body.classList.toggle("alone", !framed);

  // show makes one view visible and brings the reader to it.
  function show(name, focus) {
    for (const [other, element] of views) element.hidden = other !== name;
    view = name;
    // Skip the card if there is nothing to pay.
    const path = Object.keys(steps).filter((s) => s !== "card" || !offer.free);
    const step = path.indexOf(name);
    $("progress").hidden = step < 0;
    $("offer").hidden = !(name in steps);
    $("name").hidden = !(name in steps);
    $("close").hidden = !framed && !(name in steps);
    if (step < 0) {
      const title = views.get(name).querySelector("h2");
      title.id = name + "-title";
      dialog.setAttribute("aria-labelledby", title.id);
    }
    dialog.querySelectorAll(".bars i").forEach((bar, i) => {
      bar.hidden = i >= path.length;
      bar.classList.toggle("on", i <= step);
    });
    $("step").textContent = `Step ${step + 1} of ${path.length}: ${steps[name]}`;
    const heading = views.get(name).querySelector("h2");
    const target = focus || views.get(name).querySelector("input:not([type=radio])") || heading;
    (target.closest("[hidden]") ? heading : target).focus();
    dialog.scrollTop = 0;
  }

  function complain(field, text) {
    clearComplaints();
    const input = $(field);
    const place = $(field + "-error");
    if (!input || !place || input.closest("[hidden]")) {
      $("alert").hidden = false;
      $("alert").lastElementChild.textContent = text;
      return;
    }
    place.textContent = text;
    input.setAttribute("aria-invalid", "true");
    input.focus();
  }

  function clearComplaints() {
    $("alert").hidden = true;
    dialog.querySelectorAll(".error").forEach((e) => { e.textContent = ""; });
    dialog.querySelectorAll("[aria-invalid]").forEach((e) => e.removeAttribute("aria-invalid"));
  }

  const complaints = {
    phone: "Enter your phone number with its country code, such as +1 555 123 4567.",
    code: "That is not the code we sent. In this mock it is 000000.",
    number: "Only test cards work here. Choose one from the list below.",
    expiry: "Enter an expiry date that has not passed, as MM/YY.",
    cvc: "Enter the three or four digits from the card.",
  };

  // refuse shows the reason for a rejection next to the field that caused it.
  function refuse(error) {
    const { code, param, message } = error;
    if (code === "payment_declined") {
      const reason = message.replace(/^card: t/, "T");
      show("card", entered.on_file ? undefined : $("number"));
      complain("", `${reason}. Nothing was charged. Try another card.`);
      $("number").setAttribute("aria-invalid", "true");
      return;
    }
    if (code === "checkout_session_expired") return show("expired");
    if (code === "not_found" && !param) return show("unknown"); // the server has been restarted
    let complaint = complaints[param];
    if (code === "conflict" && param === "seen") return renew();
    if (code === "conflict" && param === "phone") {
      complaint = "This number belongs to another customer. Use another one.";
    } else if (code === "not_found" || code === "conflict") {
      return show("gone");
    } else if (param === "code" && message.endsWith("is required")) {
      complaint = "Enter the six digits of the code.";
    }
    if (complaint) {
      const home = [...views].find(([, v]) => v.contains($(param)));
      if (home && home[0] !== view) show(home[0]);
      return complain(param, complaint);
    }
    complain("", `Something went wrong: ${message}`);
  }

  // send sends what the person entered, and returns undefined if it was rejected.
  async function send(step, body) {
    let response, result;
    try {
      response = await fetch(`${location.pathname}/${step}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      result = await response.json();
    } catch {
      complain("", "The server can't be reached. Check that it is running, and try again.");
      return undefined;
    }
    if (response.ok) return result;
    await refuse(result.error);
    return undefined;
  }

  const submit = {
    async phone() {
      entered.phone = $("phone") ? $("phone").value : "";
      const sent = await send("phone", entered);
      if (!sent) return;
      dialog.querySelectorAll("[data-ending]").forEach((e) => { if (e !== dialog) e.textContent = sent.ending; });
      $("code").value = "";
      show("code");
    },

    async code() {
      entered.code = $("code").value;
      const found = await send("code", entered);
      if (!found) return;
      present(found);
      $("saved").hidden = !found.card;
      $("saved-card").textContent = found.card;
      choose(Boolean(found.card));
      if (found.free) return review();
      show("card", found.card ? views.get("card").querySelector("input:checked") : undefined);
    },

    async card() {
      entered.on_file = $("saved").hidden ? false : views.get("card").querySelector("input:checked").value !== "";
      for (const field of ["number", "expiry", "cvc"]) entered[field] = $(field).value;
      if (!entered.on_file) {
        for (const [field, pattern] of [["number", /^[\d -]{15,23}$/], ["expiry", /^\s*\d{1,2}\s*\/\s*(\d{2}|\d{4})\s*$/], ["cvc", /^\s*\d{3,4}\s*$/]]) {
          if (!pattern.test($(field).value)) return complain(field, complaints[field]);
        }
      }
      const found = await send("card", entered);
      if (!found) return;
      present(found);
      review();
    },

    async confirm() {
      const paid = await send("pay", { ...entered, seen: { due: offer.due, change: offer.change } });
      if (!paid) return;
      payer = paid.customer_id;
      show("done");
      tellSuccess();
    },
  };

  // present shows what the person is about to agree to.
  function present(found) {
    offer = found;
    $("price").textContent = found.price;
    $("per").textContent = found.per;
    $("credit").textContent = found.credit;
    $("due").textContent = found.due;
    $("change").textContent = found.change;
    $("change").hidden = !found.change;
    $("outcome").textContent = found.done;
  }

  // renew asks again, after the offer has changed: another tab has changed the plan, or credit was used.
  async function renew() {
    const found = await send("card", entered);
    if (!found) return;
    present(found);
    review();
    complain("", "Your plan or credit has changed in the meantime. Nothing was charged. Check what you agree to now.");
  }

  function review() {
    $("review-card").hidden = offer.free;
    $("change-card").hidden = offer.free;
    $("review-card").lastElementChild.textContent = entered.on_file ? offer.card : `ends in ${(entered.number || "").replace(/\D/g, "").slice(-4)}`;
    $("pay").textContent = offer.free ? "Confirm" : `Pay ${offer.due}`;
    show("confirm");
  }

  // choose selects the card on file, or another one.
  function choose(saved) {
    const [onFile, another] = views.get("card").querySelectorAll("input[type=radio]");
    onFile.checked = saved;
    another.checked = !saved;
    $("new-card").hidden = saved;
  }

  // tell sends a message to the page that has opened this one, and to no other. The page of an unknown session knows
  // no origin, and only reports that it closes.
  function tell(message) {
    if (framed) window.parent.postMessage({ checkoutSessionId: session, ...message }, origin || "*");
  }

  function tellSuccess() {
    tell({ type: "lava_checkout_success", customerId: payer, connectionId: payer });
  }

  function leave() {
    if (busy) return;
    if (payer) tellSuccess();
    else tell({ type: "lava_checkout_cancel" });
    if (framed) return;
    if (view in steps) show("cancelled");
    else history.back();
  }

  for (const [name, element] of views) {
    if (!(name in steps)) continue;
    element.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (busy) return; // a second click does nothing
      const button = element.querySelector(".primary");
      busy = true;
      button.setAttribute("aria-disabled", "true");
      dialog.setAttribute("aria-busy", "true");
      clearComplaints();
      try {
        await submit[name]();
      } finally {
        busy = false;
        button.removeAttribute("aria-disabled");
        dialog.removeAttribute("aria-busy");
      }
    });
  }

  $("close").addEventListener("click", leave);
  dialog.querySelectorAll("[data-leave]").forEach((b) => b.addEventListener("click", leave));
  $("restart").addEventListener("click", () => location.reload());
  dialog.querySelectorAll("[data-go]").forEach((b) => b.addEventListener("click", () => {
    clearComplaints();
    show(b.dataset.go);
  }));
  views.get("card").addEventListener("change", (event) => {
    if (event.target.type === "radio") choose(event.target.value !== "");
  });
  dialog.querySelectorAll(".cards button").forEach((b) => b.addEventListener("click", () => {
    $("number").value = b.querySelector("code").textContent;
    $("expiry").value = b.closest("ul").dataset.expiry;
    $("cvc").value = "123";
    b.closest("details").open = false;
    clearComplaints();
    views.get("card").querySelector(".primary").focus();
  }));

  // Add spaces and the slash, as on a card, while the caret is at the end.
  function format(input, pretty) {
    input.addEventListener("input", (event) => {
      if (event.inputType === "deleteContentBackward" || input.selectionStart !== input.value.length) return;
      input.value = pretty(input.value);
    });
  }
  format($("number"), (v) => v.replace(/\D/g, "").replace(/(\d{4})(?=\d)/g, "$1 "));
  format($("expiry"), (v) => v.replace(/^(\d{2})(\d)/, "$1/$2"));

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    if (event.key !== "Tab" || !framed) return;
    // The page behind is covered, so keep the focus in front.
    const all = [...dialog.querySelectorAll("button, input, summary")].filter((e) => e.checkVisibility() && (e.type !== "radio" || e.checked));
    const [first, last] = [all[0], all.at(-1)];
    if (event.shiftKey && (document.activeElement === first || document.activeElement.tagName === "H2")) {
      event.preventDefault();
      last.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      first.focus();
    }
  });

  if (!framed && history.length < 2) { // there is no page to go back to
    dialog.querySelectorAll("[data-leave]").forEach((b) => { b.hidden = true; });
  }
  show(state === "open" ? "phone" : state);
})();
