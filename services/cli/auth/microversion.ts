// What `--os-volume-api-version`, OS_VOLUME_API_VERSION and clouds.yaml mean by a version. `3` alone (as openrc files have it) says
// only which API is meant, not which microversion.

/** The microversion; null when the text names none. */
export function microversionOf(value: string | undefined): string | null {
  return value !== undefined && /^\d+\.\d+$/.test(value) ? value : null;
}
