// On a narrow screen the main menu scrolls: show where one is.
document
  .querySelector(".tabs-row [aria-current=page]")
  ?.scrollIntoView({ block: "nearest", inline: "center" });

// A button that pastes stands only where the browser can read the clipboard.
for (const button of document.querySelectorAll("button[data-paste]")) {
  const field = document.getElementById(button.dataset.paste);
  button.hidden = !navigator.clipboard?.readText;
  button.addEventListener("click", async () => {
    try {
      field.value = await navigator.clipboard.readText();
    } catch {
      // Not allowed: Ctrl+V in the field does the same.
    }
    field.focus();
  });
}

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
