// What the shop sells. Prices are in cents.

export interface Product {
  id: string;
  name: string;
  priceCents: number;
}

const products: Product[] = [
  { id: 'tea', name: 'Green tea', priceCents: 450 },
  { id: 'bread', name: 'Rye bread', priceCents: 380 },
  { id: 'soap', name: 'Olive soap', priceCents: 290 },
];

export async function findProduct(id: string): Promise<Product | undefined> {
  return products.find((product) => product.id === id);
}
