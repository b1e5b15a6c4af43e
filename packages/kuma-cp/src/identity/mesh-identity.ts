import type { Mesh, Mesh_CertificateAuthorityBackend } from '@kuma-mesh/core-model/generated/types/kuma/mesh.ts';
import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import type { CaMaterial, IdentityMaterial } from '../pipeline/material.ts';
import type { Authority } from './authority.ts';
import type { LeafTerms } from './leaf.ts';
import { leafLifetime } from './leaf-life.ts';
import { loadAuthority } from './load-authority.ts';
import { certificateSecret, keySecret } from './secret-names.ts';
import { type SharedTrust, Trust } from './trust.ts';

/** What a proxy was given, or is being made. */
export interface IssuedLeaf {
  readonly terms: LeafTerms;
  readonly material: Promise<IdentityMaterial>;
}

/** Authorities and certificates of one mesh. */
export class MeshIdentity {
  readonly mesh: string;
  /** By name of the proxy. */
  readonly leaves = new Map<string, IssuedLeaf>();
  readonly trust: Trust;
  readonly #secrets: ReadonlyMap<string, Resource>;
  #resource: Resource<Mesh> | undefined;
  #backend: Mesh_CertificateAuthorityBackend | undefined;
  #source = '';
  #loading: Promise<void> = Promise.resolve();
  #failure: unknown;
  #ca: CaMaterial | undefined;

  #shared: SharedTrust | undefined;

  /**
   * @param secrets the mesh's Secrets by name; read again whenever the mesh is configured
   * @param conducted authorities change places as the leader of several control planes says
   */
  constructor(
    mesh: string,
    secrets: ReadonlyMap<string, Resource>,
    { changed, conducted }: { readonly changed: () => void; readonly conducted: boolean },
  ) {
    this.mesh = mesh;
    this.#secrets = secrets;
    this.trust = new Trust(changed, conducted);
  }

  /** What the leader says; holds for authorities that are loaded later, too. */
  follow(shared: SharedTrust): void {
    this.#shared = shared;
    this.trust.follow(shared);
  }

  /**
   * After a start amid a change of authorities: the one that still signs is looked for among the mesh's other backends.
   * @param issuing its fingerprint
   */
  async findPredecessor(issuing: string | undefined): Promise<void> {
    if (issuing === undefined || this.trust.issuing === undefined || this.trust.issuing.id === issuing) return;
    for (const backend of this.#resource?.spec.mtls?.backends ?? []) {
      const authority = await loadAuthority(this.mesh, backend, this.#secrets).catch(() => undefined);
      if (authority?.id === issuing) this.trust.precede(authority);
    }
  }

  /** The Mesh as it was configured last. */
  get resource(): Resource<Mesh> | undefined {
    return this.#resource;
  }

  get caMaterial(): CaMaterial {
    if (this.#ca?.roots !== this.trust.roots) this.#ca = Object.freeze({ kind: 'ca', roots: this.trust.roots });
    return this.#ca!;
  }

  /** Settles when the authority of the newest configuration is loaded, or could not be. */
  get loaded(): Promise<void> {
    return this.#loading;
  }

  /** Why the newest configuration gave no authority; the one before stays in use. */
  get failure(): unknown {
    return this.#failure;
  }

  /**
   * Follows the mesh, which must have an enabled backend, and its Secrets.
   * @returns whether proxies need other material, and when it can be had
   */
  configure(resource: Resource<Mesh>): { readonly changed: boolean; readonly loading: Promise<void> } {
    this.#resource = resource;
    const before = this.#backend && leafLifetime(this.#backend);
    this.#backend = enabledBackend(resource.spec);
    const source = sourceKey(this.mesh, this.#backend, this.#secrets);
    const changed = source !== this.#source;
    this.#source = source;
    return { changed: changed || before !== this.lifetime, loading: changed ? this.#load() : this.#loading };
  }

  #load(): Promise<void> {
    const source = this.#source;
    this.#loading = loadAuthority(this.mesh, this.#backend!, this.#secrets).then(
      (authority) => {
        if (source !== this.#source) return;
        this.#failure = undefined;
        this.trust.use(authority);
        if (this.#shared) this.trust.follow(this.#shared);
      },
      (error) => {
        if (source === this.#source) this.#failure = error;
      },
    );
    return this.#loading;
  }

  /** Milliseconds for which certificates are valid. */
  get lifetime(): number {
    return leafLifetime(this.#backend!);
  }

  /** @throws IdentityError when nobody can sign */
  async authority(): Promise<Authority> {
    await this.#loading;
    // A file that could not be read may be there now; nothing tells of it.
    if (this.#failure !== undefined && this.trust.issuing === undefined) await this.#load();
    const { issuing } = this.trust;
    if (issuing === undefined) throw this.#failure;
    return issuing;
  }
}

/** A name that no backend has is refused when a mesh is written; should it be stored all the same, nobody signs. */
function enabledBackend({ mtls }: Mesh): Mesh_CertificateAuthorityBackend {
  return mtls?.backends?.find(({ name }) => name === mtls.enabledBackend) ?? { name: mtls?.enabledBackend, type: 'unknown' };
}

/** What the authority is made from: the same key means the same authority. */
function sourceKey(mesh: string, backend: Mesh_CertificateAuthorityBackend, secrets: ReadonlyMap<string, Resource>): string {
  const { name = '', type, conf } = backend;
  const sources = conf as
    | { readonly cert?: { readonly secret?: string }; readonly key?: { readonly secret?: string } }
    | undefined;
  const names =
    type === 'builtin'
      ? [certificateSecret(mesh, name).name, keySecret(mesh, name).name]
      : [sources?.cert?.secret, sources?.key?.secret];
  const revisions = names.map((secret) => secret && secrets.get(secret)?.revision);
  return JSON.stringify([name, type, type === 'builtin' ? undefined : conf, revisions]);
}
