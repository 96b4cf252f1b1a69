// SPDX-License-Identifier: ISC
// The element's own styles. A site changes them by the custom properties at the top; README.md of the package lists them.

export const style = `
:host {
  --accent: var(--dapboot-accent, #1d5fd0);
  --on-accent: var(--dapboot-on-accent, #fff);
  --ink: var(--dapboot-ink, #131a24);
  --soft: var(--dapboot-soft, #505b6a);
  --paper: var(--dapboot-background, #fff);
  --round: var(--dapboot-radius, 0.875rem);
  display: inline-block;
  font-family: var(--dapboot-font, inherit);
}
@media (prefers-color-scheme: dark) {
  :host {
    --accent: var(--dapboot-accent, #82b2ff);
    --on-accent: var(--dapboot-on-accent, #0b1a33);
    --ink: var(--dapboot-ink, #e9edf3);
    --soft: var(--dapboot-soft, #a5b0bf);
    --paper: var(--dapboot-background, #171d26);
  }
}
[hidden] { display: none !important; }
button {
  font: inherit; font-weight: 600; cursor: pointer; min-height: 2.75rem; padding: 0.5rem 1.25rem;
  border-radius: var(--round); border: 1px solid var(--accent); color: var(--on-accent); background: var(--accent);
}
button.quiet { background: none; color: var(--accent); border-color: transparent; }
button:disabled { opacity: 0.6; cursor: not-allowed; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
dialog {
  box-sizing: border-box;
  font-family: var(--dapboot-font, inherit); line-height: 1.5; color: var(--ink); background: var(--paper);
  border: none; border-radius: calc(var(--round) * 1.4); padding: 1.5rem; width: min(28rem, calc(100vw - 2rem));
  box-shadow: 0 24px 64px rgb(0 0 0 / 30%);
}
dialog::backdrop { background: rgb(10 16 28 / 55%); }
h2 { margin: 0 0 0.25rem; font-size: 1.375rem; line-height: 1.2; letter-spacing: -0.015em; }
p { margin: 0.25rem 0; }
.versions, .notes, .numbers { color: var(--soft); }
.notes { white-space: pre-line; max-height: 8rem; overflow: auto; }
.problem { border-left: 4px solid #c2362d; padding-left: 0.75rem; margin: 0.75rem 0; }
.row { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 0.5rem; margin-top: 1.25rem; }
progress {
  appearance: none; display: block; width: 100%; height: 0.75rem; margin: 1rem 0 0.5rem; border: none; overflow: hidden;
  border-radius: 1rem; background: color-mix(in srgb, var(--accent) 18%, transparent);
}
progress::-webkit-progress-bar { background: none; }
progress::-webkit-progress-value { background: var(--accent); border-radius: 1rem; transition: inline-size 0.2s; }
.tick { display: block; width: 4rem; margin: 0 auto 0.5rem; }
.tick circle { fill: #12854a; }
.tick path { fill: none; stroke: #fff; stroke-width: 6; stroke-linecap: round; stroke-linejoin: round; }
.done { text-align: center; }
`;
