/** An item at an index that is known to be inside the list, which the type system cannot see. */
export function itemAt<Item>(items: ArrayLike<Item>, index: number): Item {
  return items[index] as Item;
}
