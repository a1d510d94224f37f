// On a narrow screen the main menu scrolls: show where one is.
document
  .querySelector(".tabs-row [aria-current=page]")
  ?.scrollIntoView({ block: "nearest", inline: "center" });

// Nobody leaves a page of settings without knowing that something was not saved.
for (const form of document.querySelectorAll("form[data-unsaved]")) {
  let changed = false;
  form.addEventListener("input", (event) => {
    changed ||= event.target.type !== "search";
  });
  form.addEventListener("submit", () => {
    changed = false;
  });
  addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}
