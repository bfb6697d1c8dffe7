import { type Html, html } from './html.ts';

/** A bar for a share of all that has a limit, which is a stroke across it; the numbers stand beside it as text. Both in percent. */
export function meter(percent: number, limit: number): Html {
  // The bar shows as far as is worth looking at: a limit of 5 % would else be a dot.
  const whole = Math.min(100, Math.max(percent, limit) * 1.25) || 1;
  const at = (value: number) => ((100 * Math.min(value, whole)) / whole).toFixed(2);
  const over = percent > limit ? 'over' : '';
  return html`<svg class="meter ${over}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="ground" width="100" height="8"/><rect class="share" width="${at(percent)}" height="8"/><rect class="limit" x="${at(limit)}" width="0.6" height="8"/></svg>`;
}
