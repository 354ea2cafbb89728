"use strict";
// Filters the lists and sets the page's language; without it the page is a plain list.
(function () {
  const choices = Array.from(document.querySelectorAll("input[name=language]"));
  const sections = Array.from(document.querySelectorAll("section"));

  function speak(code) {
    const section = sections.find((each) => each.lang === code);
    document.documentElement.lang = code;
    document.documentElement.dir = section.dir;
    document.title = section.querySelector("h1").textContent;
  }

  function inDigits(number, section) {
    const text = String(number);
    if (section.dataset.digits !== "arab") return text;
    return text.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)));
  }

  // What is chosen in one language holds in all: the values are the same.
  function filter(wanted) {
    sections.forEach(function (section) {
      let shown = 0;
      let all = 0;
      section.querySelectorAll(".reports > li").forEach(function (report) {
        let left = 0;
        const fits =
          (!wanted.period || report.dataset.period === wanted.period) &&
          (!wanted.place || report.dataset.place === wanted.place);
        report.querySelectorAll(".files > li").forEach(function (file) {
          file.hidden = !fits || Boolean(wanted.language && file.dataset.language !== wanted.language);
          left += file.hidden ? 0 : 1;
          all += 1;
        });
        report.hidden = left === 0;
        shown += left;
      });
      section.querySelectorAll(".group").forEach(function (group) {
        group.hidden = !group.querySelector(".reports > li:not([hidden])");
      });
      const status = section.querySelector(".shown");
      if (status) {
        status.textContent = status.dataset.text
          .replace("%1", inDigits(shown, section))
          .replace("%2", inDigits(all, section));
      }
      section.querySelectorAll("select").forEach((select) => (select.value = wanted[select.name]));
    });
  }

  document.querySelectorAll(".filters, .shown").forEach((each) => (each.hidden = false));
  document.querySelectorAll(".filters").forEach(function (form) {
    form.addEventListener("change", () => filter(Object.fromEntries(new FormData(form))));
    form.addEventListener("submit", (event) => event.preventDefault());
  });
  choices.forEach((each) => each.addEventListener("change", () => speak(each.value)));
  const liked = navigator.languages.map((tag) => (/^(ckb|ku)/.test(tag) ? "ckb" : tag.slice(0, 2)));
  const first = liked.find((code) => choices.some((each) => each.value === code));
  const chosen = choices.find((each) => each.value === first) || choices[0];
  chosen.checked = true;
  speak(chosen.value);
  filter({ period: "", place: "", language: "" });
})();
