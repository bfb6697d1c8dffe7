/** The picture of the estate. */
export const pictureStyles = `
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
