// On a narrow screen the main menu scrolls: show where one is.
document
  .querySelector(".tabs-row [aria-current=page]")
  ?.scrollIntoView({ block: "nearest", inline: "center" });
