/** The only source of time for the engine and the plan. */
export interface Clock {
  /** ISO 8601, UTC. */
  now(): string;
}
