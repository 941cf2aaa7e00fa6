import type { Delivery } from './deliver';

/** Milliseconds in which 99 of 100 attempts were answered. */
export function p99(deliveries: readonly Delivery[]): number {
  const sorted = deliveries.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
}

export function acknowledged(deliveries: readonly Delivery[]): number {
  return deliveries.filter((delivery) => delivery.acknowledged).length;
}
