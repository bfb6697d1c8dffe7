import { cssVariables, dark, light } from './palette.ts';

/** The picture of the estate. */
const pictureStyles = `
.estate{margin:0}
.picture{display:block;width:100%;height:auto}
.picture.narrow{display:none;max-width:27rem;margin:0 auto}
@media (max-width:56rem){.picture.wide{display:none}.picture.narrow{display:block}}
figcaption{margin-top:1rem;color:var(--quiet);font-size:.9rem;max-width:48rem}
.picture text{font:11.5px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;fill:var(--quiet)}
.picture .name,.picture .label,.picture .route{font-family:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace}
.host .words{font-size:11px}
.picture .name{font-size:12.5px;font-weight:600;fill:var(--ink)}
.picture .title{font-size:14px;font-weight:650;fill:var(--ink)}
.picture .strong{fill:var(--ink);font-weight:600}
.picture .label{font-size:11px;text-anchor:middle}
.picture .route{font-size:11px}
.panel rect{stroke-width:1}
.panel.cs6 rect{fill:var(--cs6-soft);stroke:var(--cs6);stroke-opacity:.45}
.panel.cs7 rect{fill:var(--cs7-soft);stroke:var(--cs7);stroke-opacity:.45}
.panel.cs6 .title,.picture .redirect{fill:var(--cs6)}
.panel.cs7 .title,.picture .domains{fill:var(--cs7)}
.host rect{fill:var(--card);stroke:var(--edge);stroke-width:1}
.host.idle rect{stroke:var(--line)}
.host.note rect{stroke:var(--note);stroke-width:1.5}
.host.good rect{stroke:var(--good);stroke-width:1.5}
.host.warn rect{stroke:var(--warn);stroke-width:2}
.host.bad rect{stroke:var(--bad);stroke-width:2.5}
.host.unsure rect{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:5 4}
.mark{fill:none;stroke:var(--quiet);stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.mark.note{stroke:var(--note)}.mark.good{stroke:var(--good)}.mark.warn{stroke:var(--warn)}.mark.bad{stroke:var(--bad)}.mark.unsure{stroke:var(--ink)}
.host.warn .words{fill:var(--warn);font-weight:600}.host.bad .words{fill:var(--bad);font-weight:600}.host.note .words{fill:var(--note);font-weight:600}.host.good .words{fill:var(--good)}
.drum path:first-child,.drum ellipse{fill:var(--directory-soft);stroke:var(--directory);stroke-width:1.2}
.drum .title{fill:var(--directory)}
.arrow .line{fill:none;stroke-width:1.6}
.arrow.domains .line{stroke:var(--cs7)}.arrow.domains .head{fill:var(--cs7)}
.arrow.redirect .line{stroke:var(--cs6)}.arrow.redirect .head{fill:var(--cs6)}
.arrow.reads .line{stroke:var(--edge);stroke-dasharray:2 4}.arrow.reads .head{fill:var(--edge)}
.arrow.changing .line{stroke-width:2.4;stroke-dasharray:9 5}
`;

/** Charts over time. */
const chartStyles = `
.chart .grid{stroke:var(--line);stroke-width:1}
.chart .tick{text-anchor:end;font-size:11px}
.chart .words{font-size:11px}
.chart .end{font-size:13px;font-weight:650}
.series .line{fill:none;stroke-width:2.4;stroke-linejoin:round}
.series .derived{stroke-dasharray:5 4;stroke-width:1.8}
.series.cs6 .line{stroke:var(--cs6)}.series.cs6 .dot-mark,.chart .end.cs6{fill:var(--cs6)}
.series.cs7 .line{stroke:var(--cs7)}.series.cs7 .dot-mark,.chart .end.cs7{fill:var(--cs7)}
.series.drift .line{stroke:var(--note)}.series.drift .dot-mark,.chart .end.drift{fill:var(--note)}
`;

/** Tables, which scroll by themselves where they are too wide, and bars. */
const tableStyles = `
.scroll{position:relative;overflow-x:auto;max-width:100%}
table{border-collapse:collapse;width:100%;font-size:.93rem}
caption{text-align:left;max-width:calc(100vw - 4.5rem);color:var(--quiet);font-size:.9rem;padding-bottom:.5rem}
th,td{text-align:left;vertical-align:baseline;padding:.45rem .9rem .45rem 0;border-bottom:1px solid var(--line)}
thead th{color:var(--quiet);font-weight:600;font-size:.86rem;border-bottom:1.5px solid var(--edge)}
tbody th{font-weight:600}
th .quiet{font-weight:400}
th code,td code{white-space:nowrap}
tr:last-child>*{border-bottom:0}
.number{text-align:right}
td.number,th.number{white-space:nowrap}
tfoot th,tfoot td{border-top:1.5px solid var(--edge);font-weight:650}
.bar{display:block;width:100%;min-width:9rem;height:12px;border-radius:4px;overflow:hidden}
.bar .ground{fill:var(--sunken)}
.bar .good-cs6{fill:var(--cs6)}.bar .good-cs7{fill:var(--cs7)}
.bar .split-brain,.bar .limbo{fill:var(--bad)}
.bar .unknown{fill:var(--edge)}
.bar .gap{fill:var(--card)}
.label{display:none}
@media (max-width:56rem){
.lines,.lines tbody,.lines tfoot,.lines tr,.lines th,.lines td,.lines caption{display:block}
.lines thead{display:none}
.lines tr{padding:.6rem 0;border-bottom:1px solid var(--line)}
.lines tr:last-child{border-bottom:0}
.lines tfoot{border-top:1.5px solid var(--edge)}
.lines tr>*{padding:.12rem 0;border:0}
.lines td{display:grid;grid-template-columns:minmax(7rem,38%) minmax(0,1fr);gap:0 .75rem;align-items:baseline}
.lines .label{display:block;color:var(--quiet);font-size:.9em;font-weight:400}
.lines td.number{text-align:left}
.lines th code,.lines td code{white-space:pre-wrap}
.lines td.empty{display:none}
.lines .bar{min-width:0}
.lines td.state{grid-template-columns:minmax(0,1fr) minmax(7rem,45%)}
}
.truth{table-layout:fixed}
.truth td{padding:1rem;border:1px solid var(--line)}
.truth thead td{border:0}
.truth tbody th,.truth thead th{padding:.6rem .8rem .6rem 0;border:0;white-space:normal;color:var(--quiet);font-size:.9rem}
.truth b{display:block;font-size:1.7rem;line-height:1.2;letter-spacing:-.02em}
.truth .good{background:var(--good-soft)}.truth .bad{background:var(--bad-soft)}
.truth .none{background:transparent}
.state .badge{white-space:nowrap}
.empty{color:var(--quiet)}
@media (max-width:40rem){.truth td{padding:.6rem .5rem;font-size:.85rem}.truth b{font-size:1.2rem}.truth tbody th,.truth thead th{font-size:.82rem;padding-right:.5rem}}
`;

/** On paper: by day whatever the screen, with every fold open. */
const printStyles = `
@media print{
:root{color-scheme:light;${cssVariables(light)}}
body{max-width:none;padding:0;background:none;font-size:10pt}
nav,.skip{display:none}
main>section{border:0;padding:0;margin-top:1.5rem;border-radius:0}
.change,.finding,tr,.figure{break-inside:avoid}
h2,h3{break-after:avoid}
details::details-content{content-visibility:visible;height:auto}
.scroll{overflow:visible}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
@media (forced-colors:active){.badge,.side,.verdict strong,.diff del,.diff ins{border:1px solid CanvasText}}
`;

/** Badges, findings, changes and their values, folds. */
const partStyles = `
.badge{display:inline-block;max-width:100%;overflow-wrap:anywhere;padding:.05rem .55rem;border-radius:6px;font-size:.82rem;font-weight:600;background:var(--sunken);color:var(--quiet)}
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
.diff.drift del,.diff.drift ins{grid-template-columns:5.2rem minmax(0,1fr);align-items:baseline}
.diff .sign{font-family:ui-monospace,Menlo,Consolas,monospace;font-weight:700}
.diff.drift .sign{font:inherit;font-size:.86rem;font-weight:650}
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
.details{padding-left:1.1rem}
.details li{margin-top:.6rem}
.totals{display:flex;flex-wrap:wrap;gap:.4rem;margin:.8rem 0 1rem}
.hops,.causes{padding-left:1.4rem;font-size:.92rem}
.hops li{margin-top:.35rem}
.likely{margin-top:.6rem;font-weight:600}
`;

const base = `
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0 auto;max-width:72rem;padding:0 clamp(1rem,3vw,2.5rem) 3rem;background:var(--page);color:var(--ink);
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;overflow-wrap:break-word;font-variant-numeric:tabular-nums}
h1,h2,h3,p,ul,ol,dl,dd,figure,pre,table{margin:0}
h1{font-size:clamp(1.7rem,5vw,2.5rem);line-height:1.15;letter-spacing:-.02em;font-weight:700;overflow-wrap:anywhere}
h2{font-size:1.35rem;line-height:1.25;letter-spacing:-.01em;margin-bottom:1rem}
h3{font-size:1.05rem;line-height:1.35;margin:1.75rem 0 .6rem}
h2+h3,h2+p+h3,.figure-wrap+h3{margin-top:0}
code,pre{font-family:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;font-size:.875em;unicode-bidi:isolate}
code{white-space:pre-wrap;overflow-wrap:anywhere}
a{color:var(--link);text-underline-offset:.2em}
ul.plain{list-style:none;padding:0}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:4px}
main:focus{outline:none}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.quiet{color:var(--quiet)}
.icon{width:1em;height:1em;vertical-align:-.13em;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round;flex:none}
.skip{position:absolute;left:1rem;top:-6rem;padding:.6rem 1rem;background:var(--card);border:2px solid var(--focus);border-radius:0 0 8px 8px;z-index:2}
.skip:focus{top:0}
header{padding:clamp(1.5rem,5vw,3.5rem) 0 .5rem}
.command{color:var(--quiet);font-size:.95rem}
.verdict{display:flex;flex-wrap:wrap;align-items:baseline;gap:.4rem .8rem;margin:1rem 0;font-size:1.1rem}
.verdict strong{display:inline-flex;align-items:center;gap:.4em;padding:.2rem .75rem;border-radius:99px;border:1.5px solid currentColor;font-size:1rem}
.verdict.good strong{color:var(--good);background:var(--good-soft)}
.verdict.warn strong{color:var(--warn);background:var(--warn-soft)}
.verdict.bad strong{color:var(--bad);background:var(--bad-soft)}
.verdict.note strong,.verdict.unsure strong{color:var(--note);background:var(--note-soft)}
.facts{display:flex;flex-wrap:wrap;gap:.15rem 1.25rem;list-style:none;padding:0;color:var(--quiet);font-size:.9rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:1.5rem 0 0}
.figure{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.75rem 1rem}
.figure.bad{border-color:var(--bad)}.figure.warn{border-color:var(--warn)}
.figure dt{color:var(--quiet);font-size:.85rem}
.figure dd{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .5rem}
.figure b{font-size:1.7rem;line-height:1.3;letter-spacing:-.02em;font-weight:650}
.figure.bad b{color:var(--bad)}.figure.warn b{color:var(--warn)}.figure.good b{color:var(--good)}
.figure dd span{color:var(--quiet);font-size:.85rem}
nav ul{display:flex;flex-wrap:wrap;gap:.35rem .5rem;list-style:none;padding:0;margin:1.5rem 0 0}
nav a{display:inline-block;padding:.3rem .8rem;border:1px solid var(--line);border-radius:99px;background:var(--card);text-decoration:none;font-size:.9rem}
.site ul{margin:0 0 1.5rem}
.site a[aria-current]{background:var(--ink);color:var(--page);border-color:var(--ink)}
nav a:hover{border-color:var(--link);text-decoration:underline}
.count{display:inline-block;min-width:1.6em;padding:0 .45em;border-radius:99px;background:var(--sunken);color:var(--quiet);font-size:.8rem;font-weight:500;text-align:center}
main>section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:clamp(1rem,3vw,1.75rem);margin-top:1.25rem}
footer{margin-top:2rem;color:var(--quiet);font-size:.85rem;overflow-wrap:anywhere}
.dot{color:var(--edge)}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
`;

/** All the styles of the page. What is drawn is the same in both schemes, only the colours are not. */
export const stylesheet = [
  `:root{color-scheme:light dark;${cssVariables(light)}}`,
  `@media (prefers-color-scheme:dark){:root{${cssVariables(dark)}}}`,
  base,
  partStyles,
  tableStyles,
  pictureStyles,
  chartStyles,
  printStyles,
]
  .join('\n')
  .replace(/\n+/g, '\n');
