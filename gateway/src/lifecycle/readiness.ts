/** The stages of a process's life that a load balancer asks about. */
export type LifeStage = 'starting' | 'ready' | 'draining';

export type Readiness = {
  stage(): LifeStage;
  enter(stage: LifeStage): void;
};

export function createReadiness(): Readiness {
  let current: LifeStage = 'starting';
  return {
    stage: () => current,
    enter: (stage) => {
      current = stage;
    },
  };
}
