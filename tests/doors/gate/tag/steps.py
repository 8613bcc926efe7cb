"""What the tests of the tag do in a browser, and what they read off."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

YES = {"understand": True, "personalise": False}
UPDATED = "Segment Consent Preference Updated"

#: Notes what the page sends, at the moment it does, and when the tag has read the answer.
SPY = """
window.sent = [];
window.answers = [];
const { fetch } = window, { sendBeacon } = navigator;
const read = async () => { for (let turn = 0; turn < 10; turn++) await null; };
window.fetch = (url, how) => {
  const answer = fetch(url, how);
  sent.push(["fetch", how.body]);
  answers.push(answer.then(read, read));
  return answer;
};
navigator.sendBeacon = (url, body) => {
  sent.push(["beacon", body]);
  return sendBeacon.call(navigator, url, body);
};
"""


def stand_still(page: Page) -> None:
    """Let time pass for the pages only by `page.clock.run_for`, however slow the machine is."""
    page.clock.install(time=0)
    page.clock.pause_at("2026-12-01T08:00:00Z")


def settled(page: Page) -> None:
    """Wait until every answer that the page waits for is there."""
    page.evaluate("Promise.all(answers).then(() => 0)")


def call(page: Page, act: str, *words: Any) -> None:
    page.evaluate("([act, words]) => kfar[act](...words)", [act, words])


def stored(page: Page) -> list[str]:
    """Return the names of all that this browser keeps for any site."""
    state = page.context.storage_state(indexed_db=True)
    names = [cookie["name"] for cookie in state["cookies"]]
    for origin in state["origins"]:
        names += [entry["name"] for entry in origin["localStorage"]]
        names += [found["name"] for found in origin.get("indexedDB", [])]  # type: ignore[attr-defined]
    return [*names, *page.evaluate("Object.keys(sessionStorage)")]


def titled(messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the kind of each message, with the path or the name of what happened."""
    return [(m["type"], m.get("event") or m["context"]["page"]["path"]) for m in messages]
