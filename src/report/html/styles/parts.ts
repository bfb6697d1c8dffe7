/** Badges, findings, changes and their values, folds. */
export const partStyles = `
.badge{display:inline-flex;align-items:center;gap:.35em;padding:.05rem .55rem;border-radius:6px;font-size:.82rem;font-weight:600;background:var(--sunken);color:var(--quiet)}
.badge.good,.badge.create{color:var(--good);background:var(--good-soft)}
.badge.warn{color:var(--warn);background:var(--warn-soft)}
.badge.bad{color:var(--bad);background:var(--bad-soft)}
.badge.note,.badge.unsure{color:var(--note);background:var(--note-soft)}
.side{padding:.05em .4em;border-radius:5px;font-size:.92em;font-weight:650}
.side.cs6{color:var(--cs6);background:var(--cs6-soft)}
.side.cs7{color:var(--cs7);background:var(--cs7-soft)}
.side.directory{color:var(--directory);background:var(--directory-soft)}
.intro{margin-bottom:.6rem;color:var(--quiet)}
.more{margin-top:.6rem;color:var(--quiet);font-size:.9rem}
.changes{display:grid;gap:.75rem}
.change{border:1px solid var(--line);border-left:4px solid var(--edge);border-radius:8px;padding:.75rem 1rem;min-width:0}
.change.create{border-left-color:var(--good)}
.change.update{border-left-color:var(--note)}
.change.delete{border-left-color:var(--bad)}
.change.restart{border-left-color:var(--warn)}
.change.update .badge.action{color:var(--note);background:var(--note-soft)}
.change.delete .badge.action{color:var(--bad);background:var(--bad-soft)}
.change.restart .badge.action{color:var(--warn);background:var(--warn-soft)}
.change .head{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem .6rem}
.change .head>code{font-weight:650}
.reach{color:var(--quiet)}
.badge.origin.drift{color:var(--bad);background:var(--bad-soft)}
.badge.origin.planned{color:var(--good);background:var(--good-soft)}
.badge.origin.not-applied{color:var(--warn);background:var(--warn-soft)}
.irreversible{margin-top:.5rem;color:var(--bad);font-weight:600}
.why{margin-top:.4rem;font-size:.92rem;color:var(--quiet)}
.meta{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none;padding:0;margin-top:.4rem;font-size:.86rem;color:var(--quiet)}
.diff{display:grid;margin-top:.5rem;border-radius:6px;overflow:hidden}
.diff del,.diff ins{display:grid;grid-template-columns:1.4rem minmax(0,1fr);padding:.15rem .5rem;text-decoration:none;color:var(--ink)}
.diff del{background:var(--bad-soft)}
.diff ins{background:var(--good-soft)}
.diff .sign{font-family:ui-monospace,Menlo,Consolas,monospace;font-weight:700}
.diff del .sign{color:var(--bad)}.diff ins .sign{color:var(--good)}
.diff b{font-weight:inherit;border-radius:3px;text-decoration:underline;text-decoration-thickness:1.5px;text-underline-offset:.2em}
.diff del b{background:var(--removed-mark)}
.diff ins b{background:var(--added-mark)}
.diff .remark{margin-left:.6rem;color:var(--quiet);font-size:.86rem}
.words{list-style:none;padding:0;margin-top:.5rem;display:grid;gap:.25rem}
.words li{display:flex;flex-wrap:wrap;gap:.3rem;align-items:baseline}
.words .what{flex:none;width:5rem;color:var(--quiet);font-size:.86rem}
.words code{padding:.05rem .45rem;border-radius:5px;background:var(--sunken)}
.words ins,.words del{text-decoration:none}
.words ins code{background:var(--good-soft);color:var(--good);font-weight:650}
.words del code{background:var(--bad-soft);color:var(--bad);text-decoration:line-through}
details{margin-top:.5rem}
summary{cursor:pointer;color:var(--link);width:fit-content;max-width:100%;padding:.1rem .35rem .1rem 0;border-radius:4px;font-size:.92rem}
summary:hover{text-decoration:underline}
.names{list-style:none;padding:.5rem 0 0;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));gap:.15rem 1.25rem;font-size:.9rem}
.names li{min-width:0}
.names .own{color:var(--quiet);overflow-wrap:anywhere}
.findings{display:grid;gap:.9rem}
.finding{border-left:4px solid var(--note);padding:.1rem 0 .1rem 1rem;min-width:0}
.finding.bad{border-left-color:var(--bad)}.finding.warn{border-left-color:var(--warn)}
.finding h3{margin:0;display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem .6rem}
.finding .code{color:var(--quiet);font-size:.9rem}
.finding li{margin-top:.5rem}
.finding li+li{border-top:1px dashed var(--line);padding-top:.5rem}
.at{display:flex;flex-wrap:wrap;gap:0 1rem;color:var(--quiet);font-size:.9rem}
.excerpt,.command-line{margin:.4rem 0;padding:.55rem .8rem;border-radius:6px;background:var(--sunken);white-space:pre-wrap;overflow-wrap:anywhere}
.excerpt code,.command-line code{font-size:1em}
.excerpt .number{display:inline-block;min-width:2.2em;margin-right:.9em;text-align:right;color:var(--quiet);user-select:none}
.excerpt mark{background:var(--removed-mark);color:inherit;text-decoration:underline wavy;text-decoration-thickness:1px;text-underline-offset:.2em}
.meter{display:block;width:100%;max-width:26rem;height:8px;border-radius:4px;overflow:hidden;margin:.2rem 0 .9rem}
.meter .ground{fill:var(--sunken)}
.meter .share{fill:var(--cs7)}
.meter.over .share{fill:var(--bad)}
.meter .limit{fill:var(--ink)}
.order{padding-left:1.6rem;display:grid;gap:.6rem}
.order li::marker{font-weight:650;color:var(--quiet)}
.hosts{font-size:.92rem;color:var(--quiet)}
.by-host{border-top:1px solid var(--line);padding-top:.4rem;margin-top:.4rem}
.by-host li{padding:.45rem 0 .3rem 1.1rem}
.told{padding-left:1.1rem}
.told li{margin-top:.6rem}
.totals{display:flex;flex-wrap:wrap;gap:.4rem;margin:.8rem 0 1rem}
.hops,.causes{padding-left:1.4rem;font-size:.92rem}
.hops li{margin-top:.35rem}
.likely{margin-top:.6rem;font-weight:600}
`;
