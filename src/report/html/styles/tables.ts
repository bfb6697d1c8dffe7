/** Tables, which scroll by themselves where they are too wide, and bars. */
export const tableStyles = `
.scroll{position:relative;overflow-x:auto;max-width:100%}
table{border-collapse:collapse;width:100%;font-size:.93rem}
caption{text-align:left;max-width:calc(100vw - 4.5rem);color:var(--quiet);font-size:.9rem;padding-bottom:.5rem}
th,td{text-align:left;vertical-align:baseline;padding:.45rem .9rem .45rem 0;border-bottom:1px solid var(--line)}
thead th{color:var(--quiet);font-weight:600;font-size:.86rem;border-bottom:1.5px solid var(--edge);white-space:nowrap}
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
.truth{table-layout:fixed}
.truth td{padding:1rem;border:1px solid var(--line)}
.truth thead td{border:0}
.truth tbody th,.truth thead th{padding:.6rem .8rem .6rem 0;border:0;white-space:normal;color:var(--quiet);font-size:.9rem}
.truth b{display:block;font-size:1.7rem;line-height:1.2;letter-spacing:-.02em}
.truth .good{background:var(--good-soft)}.truth .bad{background:var(--bad-soft)}
.truth .none{background:transparent}
.cell{white-space:nowrap}
@media (max-width:40rem){.truth td{padding:.6rem .5rem;font-size:.85rem}.truth b{font-size:1.2rem}.truth tbody th,.truth thead th{font-size:.82rem;padding-right:.5rem}}
`;
