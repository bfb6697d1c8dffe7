import { cssVariables, dark, light } from './palette.ts';
import { partStyles } from './styles/parts.ts';
import { pictureStyles } from './styles/picture.ts';
import { printStyles } from './styles/print.ts';
import { tableStyles } from './styles/tables.ts';

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
  printStyles,
]
  .join('\n')
  .replace(/\n+/g, '\n');
