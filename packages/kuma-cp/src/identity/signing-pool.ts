import { Worker } from 'node:worker_threads';
import { IdentityError } from './identity-error.ts';
import type { CertificateAndKey } from './root-certificate.ts';
import type { SigningRequest, SigningResult } from './signing-worker.ts';

/** Beside this file under the name of its source, or of the bundle's entry. */
const workerUrl = new URL(`./signing-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

interface Job {
  readonly id: number;
  readonly request: SigningRequest;
  readonly resolve: (result: CertificateAndKey) => void;
  readonly reject: (error: Error) => void;
}

/** A thread that has had nothing to do for so long ends: it takes some 15 MB, and starts in a fraction of a second. Milliseconds. */
const idleTime = 10_000;

/** Makes keys and certificates off the main thread. The thread starts with the first job and does not keep the process alive. */
export class SigningPool {
  readonly #running = new Map<number, Job>();
  #waiting: Job[] = [];
  #worker: Worker | undefined;
  #nextId = 0;
  #closed = false;
  #idle: NodeJS.Timeout | undefined;

  /** @throws IdentityError `signing-failed` */
  sign(request: SigningRequest): Promise<CertificateAndKey> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(failed('the control plane is stopping'));
      this.#waiting.push({ id: this.#nextId++, request, resolve, reject });
      // What else is asked for in this turn of the event loop goes with it: waking the thread costs more than the message.
      if (this.#waiting.length === 1) setImmediate(() => this.#post());
    });
  }

  /** Threads that run now. */
  get threads(): number {
    return this.#worker === undefined ? 0 : 1;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    this.#fail('the control plane is stopping');
    // Neither the thread nor the wait for its end holds the process, which would end in the midst of it.
    const hold = setInterval(() => {}, 1000);
    await this.#worker?.terminate();
    clearInterval(hold);
  }

  #post(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length === 0) return;
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    for (const job of batch) this.#running.set(job.id, job);
    // Work in progress holds the process, an idle thread does not.
    worker.ref();
    worker.postMessage(batch.map(({ id, request }) => ({ id, request })));
  }

  #start(): Worker {
    // The process's own flags (a test runner's loader, a debugger's port) are none of the worker's business.
    const worker = new Worker(workerUrl, { execArgv: [], name: 'signing' });
    worker.on('message', (results: readonly SigningResult[]) => {
      for (const result of results) this.#settle(result);
      if (this.#running.size > 0) return;
      worker.unref();
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.#rest(worker), idleTime);
      this.#idle.unref();
    });
    const lost = (reason: string) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#fail(reason);
    };
    worker.on('error', (error) => lost(String(error)));
    worker.on('exit', (code) => lost(`the signing thread ended with status ${code}`));
    return worker;
  }

  #rest(worker: Worker): void {
    // What comes from now on gets a thread of its own.
    if (this.#worker === worker) this.#worker = undefined;
    void worker.terminate();
  }

  #settle(result: SigningResult): void {
    const job = this.#running.get(result.id);
    this.#running.delete(result.id);
    if (job === undefined) return;
    if ('ok' in result) job.resolve(result.ok);
    else job.reject(failed(result.error));
  }

  #fail(reason: string): void {
    const jobs = [...this.#running.values(), ...this.#waiting];
    this.#running.clear();
    this.#waiting = [];
    for (const job of jobs) job.reject(failed(reason));
  }
}

function failed(reason: string): IdentityError {
  return new IdentityError(
    'signing-failed',
    `a certificate could not be signed: ${reason}`,
    "look at the certificate and key of the mesh's mtls backend",
  );
}
