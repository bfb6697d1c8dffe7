import { cssVariables, light } from '../palette.ts';

/** On paper: by day whatever the screen, with every fold open. */
export const printStyles = `
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
