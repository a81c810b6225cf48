const ASK_DEADLINE_MS = 1_000;

/** Whether a service says by grpc.health.v1 that it serves; null: not, or not yet. */
export async function isServing(target: string): Promise<true | null> {
  // Loaded where a service runs and nowhere else.
  const [{ createServiceClient }, { HealthClient }] = await Promise.all([
    import('@banyan/service-kit/client'),
    import('@banyan/contracts/grpc/health/v1/health'),
  ]);
  const client = createServiceClient(HealthClient, target, { deadlineMs: ASK_DEADLINE_MS });
  try {
    const { status } = await client.api.check({ service: '' });
    return status === 'SERVING' ? true : null;
  } catch {
    return null; // It is asked again.
  } finally {
    await client.close();
  }
}
