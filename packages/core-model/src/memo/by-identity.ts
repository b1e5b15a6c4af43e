/**
 * The function, computed once for each (frozen) object. What it keeps dies with the object.
 *
 * For facts that are read off a resource again and again, such as its compiled targetRef.
 */
export function byIdentity<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const made = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const known = made.get(key);
    if (known) return known.value;
    const value = make(key);
    made.set(key, { value });
    return value;
  };
}
