import type { Mesh } from '@kuma-mesh/core-model/generated/types/kuma/mesh.ts';
import type { SecretIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import type { Logger } from 'pino';
import type { FeedConsumer } from '../feed/follow-store.ts';
import type { IdentityMaterial, SecretMaterial, SecretSource } from '../pipeline/material.ts';
import { type ProxyKey, parseProxyKey, proxyKeyString } from '../pipeline/proxy-key.ts';
import type { Change, InsightStore } from '../store/store.ts';
import { Deadlines } from '../timing/deadlines.ts';
import { fingerprint } from './authority.ts';
import { IdentityError } from './identity-error.ts';
import { issueLeaf, type LeafTerms, sameTerms } from './leaf.ts';
import { renewalTime } from './leaf-life.ts';
import { type IssuedLeaf, MeshIdentity } from './mesh-identity.ts';
import { isSharedTrust, rootsId, type TrustReport } from './shared-trust.ts';
import type { SigningPool } from './signing-pool.ts';
import { type RememberedRoot, TrustMemory } from './trust-memory.ts';

export interface IdentityOptions {
  readonly pool: Pick<SigningPool, 'sign'>;
  /** Remembers, across restarts, which roots proxies may still need. */
  readonly insights: InsightStore;
  /** Several control planes are on the store: authorities change places as their leader says. */
  readonly shared?: boolean;
  readonly log: Logger;
}

/**
 * Keys and certificates of all meshes.
 *
 *   feed ──► MeshIdentity (one a mesh) ──► Trust: who signs, who is trusted
 *                       │
 *   pipeline ──► material() ──► leaf of the proxy, made by the SigningPool, renewed by deadline
 */
export class Identity implements SecretSource, FeedConsumer {
  readonly #options: IdentityOptions;
  readonly #meshes = new Map<string, MeshIdentity>();
  readonly #secrets = new Map<string, Map<string, Resource>>();
  readonly #memory: TrustMemory;
  readonly #renewals = new Deadlines<string>((key) => this.#renew(key));
  #replaced: (proxy: ProxyKey) => void = () => {};
  #trustTold: (mesh: MeshIdentity) => void = () => {};

  constructor(options: IdentityOptions) {
    this.#options = options;
    this.#memory = new TrustMemory(options.insights, options.log);
  }

  onReplaced(listener: (proxy: ProxyKey) => void): void {
    this.#replaced = listener;
  }

  /** Calls back when a mesh trusts others, or another authority is to sign. */
  onTrustChanged(listener: (mesh: Pick<MeshIdentity, 'mesh' | 'trust' | 'lifetime'>) => void): void {
    this.#trustTold = listener;
  }

  async load(resources: readonly Resource[]): Promise<void> {
    for (const resource of resources) if (resource.type === 'Secret') this.#secretsOf(resource.mesh).set(resource.name, resource);
    const remembered = this.#options.shared ? new Map<string, never[]>() : await this.#memory.load();
    const agreed = new Map(resources.flatMap((resource) => (isSharedTrust(resource) ? [[resource.mesh, resource.spec]] : [])));
    for (const resource of resources) {
      if (resource.type !== 'Mesh') continue;
      this.#configure(resource as Resource<Mesh>);
      const mesh = this.#meshes.get(resource.name);
      if (mesh === undefined) continue;
      await mesh.loaded;
      const shared = agreed.get(resource.name);
      if (shared) mesh.follow(shared);
      const roots: readonly RememberedRoot[] = remembered.get(resource.name) ?? [];
      const signed = roots.find(({ signs }) => signs)?.certificate;
      await mesh.findPredecessor(shared?.issuing ?? (signed && fingerprint(signed)));
      for (const { certificate, until } of roots) mesh.trust.remember(certificate, until);
    }
  }

  apply(changes: readonly Change[]): void {
    const meshes = new Map<string, Resource<Mesh> | undefined>();
    for (const { key, after } of changes) {
      if (key.type === 'Mesh') meshes.set(key.name, after as Resource<Mesh> | undefined);
      if (after && isSharedTrust(after)) this.#meshes.get(key.mesh)?.follow(after.spec);
      if (key.type !== 'Secret') continue;
      if (after) this.#secretsOf(key.mesh).set(key.name, after);
      else this.#secrets.get(key.mesh)?.delete(key.name);
      const known = this.#meshes.get(key.mesh)?.resource;
      if (known !== undefined && !meshes.has(key.mesh)) meshes.set(key.mesh, known);
    }
    for (const [name, resource] of meshes) {
      if (resource) this.#configure(resource);
      else {
        this.#end(name);
        this.#secrets.delete(name);
      }
    }
  }

  async material(proxy: ProxyKey, secret: SecretIr): Promise<SecretMaterial> {
    const mesh = this.#meshes.get(secret.mesh);
    if (mesh === undefined)
      throw new IdentityError('mtls-off', `mesh "${secret.mesh}" has no mtls`, 'set mtls.enabledBackend in the Mesh');
    mesh.trust.connected(proxy.name);
    const authority = await mesh.authority();
    return secret.kind === 'ca'
      ? mesh.caMaterial
      : this.#leaf(mesh, proxy, { uris: secret.uris, authority, lifetime: mesh.lifetime });
  }

  acknowledged(proxy: ProxyKey, material: SecretMaterial): void {
    const mesh = this.#meshes.get(proxy.mesh);
    if (mesh === undefined) return;
    if (material.kind === 'ca') mesh.trust.rootsTaken(proxy.name, material.roots);
    else mesh.trust.leafTaken(proxy.name, material);
  }

  away(proxy: ProxyKey): void {
    this.#meshes.get(proxy.mesh)?.trust.away(proxy.name);
  }

  forget(proxy: ProxyKey): void {
    this.#renewals.delete(proxyKeyString(proxy));
    const mesh = this.#meshes.get(proxy.mesh);
    mesh?.leaves.delete(proxy.name);
    mesh?.trust.forget(proxy.name);
  }

  /** Meshes that have an authority. */
  get meshes(): Iterable<Pick<MeshIdentity, 'mesh' | 'trust' | 'lifetime'>> {
    return this.#meshes.values();
  }

  /** What the proxies have that this control plane serves; undefined when the mesh has no mtls here. */
  trustReport(mesh: string): TrustReport | undefined {
    const trust = this.#meshes.get(mesh)?.trust;
    return trust && { roots: rootsId(trust.roots), ready: trust.ready, held: Object.fromEntries(trust.held) };
  }

  close(): void {
    this.#renewals.clear();
    for (const mesh of this.#meshes.values()) mesh.trust.close();
  }

  #leaf(mesh: MeshIdentity, proxy: ProxyKey, terms: LeafTerms): Promise<IdentityMaterial> {
    const known = mesh.leaves.get(proxy.name);
    if (known !== undefined && sameTerms(known.terms, terms)) return known.material;
    const leaf: IssuedLeaf = { terms, material: issueLeaf(this.#options.pool, terms) };
    mesh.leaves.set(proxy.name, leaf);
    leaf.material.then(
      (material) => {
        if (mesh.leaves.get(proxy.name) !== leaf) return;
        mesh.trust.issued(proxy.name, material, terms.authority.id, material.notAfter.getTime());
        this.#renewals.set(proxyKeyString(proxy), renewalTime(material.issued.getTime(), material.notAfter.getTime()));
      },
      () => {
        // Asked again, it is tried again.
        if (mesh.leaves.get(proxy.name) === leaf) mesh.leaves.delete(proxy.name);
      },
    );
    return leaf.material;
  }

  #renew(key: string): void {
    const proxy = parseProxyKey(key);
    const mesh = this.#meshes.get(proxy.mesh);
    if (mesh?.leaves.delete(proxy.name)) this.#replaced(proxy);
  }

  #configure(resource: Resource<Mesh>): void {
    if (!resource.spec.mtls?.enabledBackend) {
      this.#end(resource.name);
      return;
    }
    const known = this.#meshes.get(resource.name);
    const mesh: MeshIdentity =
      known ??
      new MeshIdentity(resource.name, this.#secretsOf(resource.name), {
        changed: () => this.#trustChanged(mesh),
        conducted: this.#options.shared ?? false,
      });
    this.#meshes.set(resource.name, mesh);
    const { changed, loading } = mesh.configure(resource);
    if (!changed) return;
    loading.then(() => {
      if (mesh.failure !== undefined)
        this.#options.log.error({ err: mesh.failure, mesh: mesh.mesh }, 'a mesh has no certificate authority');
      // Whoever waits for material is not told by the trust when it did not change.
      this.#replaceAll(mesh);
    });
  }

  #trustChanged(mesh: MeshIdentity): void {
    if (!this.#options.shared) this.#remember(mesh);
    this.#replaceAll(mesh);
    this.#trustTold(mesh);
  }

  #remember(mesh: MeshIdentity): void {
    const { trust, lifetime } = mesh;
    const signing = [trust.issuing, trust.next].flatMap((authority, index) =>
      authority ? [{ certificate: authority.certificate, lifetime, signs: index === 0 }] : [],
    );
    this.#memory.save(mesh.mesh, [
      ...signing,
      ...trust.retiring.map(({ certificate, until }) => ({ certificate, until, lifetime })),
    ]);
  }

  #replaceAll(mesh: MeshIdentity): void {
    for (const name of mesh.trust.connectedProxies) this.#replaced({ mesh: mesh.mesh, name });
  }

  /** The mesh is gone, or has no mtls any more: its proxies need neither roots nor certificates. */
  #end(name: string): void {
    const mesh = this.#meshes.get(name);
    if (mesh === undefined) return;
    this.#meshes.delete(name);
    for (const proxy of mesh.leaves.keys()) this.#renewals.delete(proxyKeyString({ mesh: name, name: proxy }));
    mesh.trust.close();
    if (!this.#options.shared) this.#memory.remove(name);
  }

  #secretsOf(mesh: string): Map<string, Resource> {
    const known = this.#secrets.get(mesh);
    if (known !== undefined) return known;
    const secrets = new Map<string, Resource>();
    this.#secrets.set(mesh, secrets);
    return secrets;
  }
}
