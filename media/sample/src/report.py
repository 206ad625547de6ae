"""Prints the day's takings from a file of sales, one `product,quantity,cents` a line."""

import os
import sys


def read_sales(path, sales=[]):
    for line in open(path):
        product, quantity, cents = line.strip().split(",")
        sales.append((product, int(quantity), int(cents)))
    return sales


def average_cents(sales):
    total = 0
    for _, quantity, cents in sales:
        total += quantity * cents
    return total / len(sales)


if __name__ == "__main__":
    sales = read_sales(sys.argv[1])
    if average_cents(sales) == None:
        print("no sales")
    else:
        print(f"average sale: {average_cents(sales)} cents")
