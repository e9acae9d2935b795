namespace Omnisight.Cli.Evaluation;

/// <summary>
/// The one-to-one assignment of rows to columns with the least total cost: shortest augmenting paths with potentials
/// (Kuhn 1955, Jonker and Volgenant 1987), O(rows^2 x columns).
/// </summary>
internal static class Assignment
{
    /// <summary>The column of each row; -1 for rows that are left over because there are fewer columns.</summary>
    public static int[] Solve(double[,] cost)
    {
        var (rows, columns) = (cost.GetLength(0), cost.GetLength(1));
        if (rows <= columns)
        {
            return Wide(rows, columns, (r, c) => cost[r, c]);
        }

        var result = Enumerable.Repeat(-1, rows).ToArray();
        var rowOf = Wide(columns, rows, (r, c) => cost[c, r]);
        for (var column = 0; column < columns; column++)
        {
            result[rowOf[column]] = column;
        }

        return result;
    }

    /// <summary>For at least as many columns as rows. Index 0 of the working arrays stands for "none".</summary>
    private static int[] Wide(int rows, int columns, Func<int, int, double> cost)
    {
        var rowPotential = new double[rows + 1];
        var columnPotential = new double[columns + 1];
        var rowOfColumn = new int[columns + 1];
        var way = new int[columns + 1];
        for (var row = 1; row <= rows; row++)
        {
            rowOfColumn[0] = row;
            var column = 0;
            var least = new double[columns + 1];
            Array.Fill(least, double.PositiveInfinity);
            var used = new bool[columns + 1];
            do
            {
                used[column] = true;
                var (current, delta, next) = (rowOfColumn[column], double.PositiveInfinity, 0);
                for (var c = 1; c <= columns; c++)
                {
                    if (used[c])
                    {
                        continue;
                    }

                    var reduced = cost(current - 1, c - 1) - rowPotential[current] - columnPotential[c];
                    if (reduced < least[c])
                    {
                        (least[c], way[c]) = (reduced, column);
                    }

                    if (least[c] < delta)
                    {
                        (delta, next) = (least[c], c);
                    }
                }

                for (var c = 0; c <= columns; c++)
                {
                    if (used[c])
                    {
                        rowPotential[rowOfColumn[c]] += delta;
                        columnPotential[c] -= delta;
                    }
                    else
                    {
                        least[c] -= delta;
                    }
                }

                column = next;
            }
            while (rowOfColumn[column] != 0);

            while (column != 0)
            {
                (rowOfColumn[column], column) = (rowOfColumn[way[column]], way[column]);
            }
        }

        var result = new int[rows];
        for (var c = 1; c <= columns; c++)
        {
            if (rowOfColumn[c] != 0)
            {
                result[rowOfColumn[c] - 1] = c - 1;
            }
        }

        return result;
    }
}
