using System.Text;

namespace Redlock.Fast.Testing;

/// <content>Expressions, the loosest operator first.</content>
internal sealed partial class LuaParser
{
    private LuaExpression[] ReadExpressions()
    {
        List<LuaExpression> expressions = new List<LuaExpression>();
        do
        {
            expressions.Add(ReadExpression());
        }
        while (TryTake(","));
        return [.. expressions];
    }

    private LuaExpression ReadExpression()
    {
        LuaExpression left = ReadConjunction();
        while (TryTake("or"))
        {
            (LuaExpression? first, LuaExpression? second) = (left, ReadConjunction());
            left = frame => first(frame) is var value && LuaValues.IsTrue(value) ? value : second(frame);
        }

        return left;
    }

    private LuaExpression ReadConjunction()
    {
        LuaExpression left = ReadComparison();
        while (TryTake("and"))
        {
            (LuaExpression? first, LuaExpression? second) = (left, ReadComparison());
            left = frame => first(frame) is var value && LuaValues.IsTrue(value) ? second(frame) : value;
        }

        return left;
    }

    private LuaExpression ReadComparison()
    {
        LuaExpression left = ReadConcatenation();
        while (Current.Text is "==" or "~=" or "<" or "<=" or ">" or ">=" && Current.Kind == LuaTokenKind.Symbol)
        {
            LuaToken symbol = _tokens[_position++];
            left = Comparison(symbol, left, ReadConcatenation());
        }

        return left;
    }

    private static LuaExpression Comparison(LuaToken symbol, LuaExpression left, LuaExpression right) => symbol.Text switch
    {
        "==" => frame => LuaValues.AreEqual(left(frame), right(frame)),
        "~=" => frame => !LuaValues.AreEqual(left(frame), right(frame)),
        "<" => frame => LuaValues.Compare(left(frame), right(frame), symbol.Line) < 0,
        "<=" => frame => LuaValues.Compare(left(frame), right(frame), symbol.Line) <= 0,

        // Lua has only the two above: the operands change places, in an error too.
        ">" => frame => left(frame) is var value && LuaValues.Compare(right(frame), value, symbol.Line) < 0,
        _ => frame => left(frame) is var value && LuaValues.Compare(right(frame), value, symbol.Line) <= 0,
    };

    private LuaExpression ReadConcatenation()
    {
        LuaExpression left = ReadSum();
        if (!Current.Is(".."))
        {
            return left;
        }

        int line = _tokens[_position++].Line;
        LuaExpression right = ReadConcatenation();
        return frame =>
        {
            (object? first, object? second) = (left(frame), right(frame));
            object? culprit = LuaValues.ToBytes(second) is null ? second : first;
            return LuaValues.ToBytes(first) is { } head && LuaValues.ToBytes(second) is { } tail
                ? (byte[])[.. head, .. tail]
                : throw LuaException.Raised($"attempt to concatenate a {LuaValues.TypeOf(culprit)} value", line);
        };
    }

    private LuaExpression ReadSum()
    {
        LuaExpression left = ReadProduct();
        while (Current.Is("+") || Current.Is("-"))
        {
            LuaToken symbol = _tokens[_position++];
            (LuaExpression? first, LuaExpression? second) = (left, ReadProduct());
            left = symbol.Text == "+"
                ? frame => LuaValues.Operand(first(frame), symbol.Line) + LuaValues.Operand(second(frame), symbol.Line)
                : frame => LuaValues.Operand(first(frame), symbol.Line) - LuaValues.Operand(second(frame), symbol.Line);
        }

        return left;
    }

    private LuaExpression ReadProduct()
    {
        LuaExpression left = ReadUnary();
        while (Current.Is("*") || Current.Is("/"))
        {
            LuaToken symbol = _tokens[_position++];
            (LuaExpression? first, LuaExpression? second) = (left, ReadUnary());
            left = symbol.Text == "*"
                ? frame => LuaValues.Operand(first(frame), symbol.Line) * LuaValues.Operand(second(frame), symbol.Line)
                : frame => LuaValues.Operand(first(frame), symbol.Line) / LuaValues.Operand(second(frame), symbol.Line);
        }

        return left;
    }

    private LuaExpression ReadUnary()
    {
        int line = Current.Line;
        if (TryTake("not"))
        {
            LuaExpression operand = ReadUnary();
            return frame => !LuaValues.IsTrue(operand(frame));
        }

        if (TryTake("-"))
        {
            LuaExpression operand = ReadUnary();
            return frame => -LuaValues.Operand(operand(frame), line);
        }

        if (TryTake("#"))
        {
            LuaExpression operand = ReadUnary();
            return frame => operand(frame) switch
            {
                byte[] text => (double)text.Length,
                LuaTable table => (double)table.Count,
                var other => throw LuaException.Raised($"attempt to get length of a {LuaValues.TypeOf(other)} value", line),
            };
        }

        return ReadIndexed();
    }

    // value.name | value[index]
    private LuaExpression ReadIndexed()
    {
        string subject = Current.Kind == LuaTokenKind.Name && FindVariable(Current.Text) is not null
            ? $"local '{Current.Text}' (a {{0}} value)"
            : "a {0} value";
        LuaExpression value = ReadPrimary();
        while (Current.Is(".") || Current.Is("["))
        {
            int line = Current.Line;
            (LuaExpression? table, string? described) = (value, subject);
            if (TryTake("."))
            {
                string name = TakeIdentifier();
                value = frame => Index(table(frame), described, line).Field(name);
                subject = $"field '{name}' (a {{0}} value)";
                continue;
            }

            Take("[");
            LuaExpression index = ReadExpression();
            Take("]");
            value = frame =>
            {
                LuaTable indexed = Index(table(frame), described, line);
                return index(frame) switch
                {
                    double number => indexed.Item(number),
                    byte[] name => indexed.Field(Encoding.Latin1.GetString(name)),
                    _ => null,
                };
            };
            subject = "field '?' (a {0} value)";
        }

        return value;
    }

    // A string can be indexed too: it has functions for fields, none of which is known here.
    private static LuaTable Index(object? value, string described, int line) => value switch
    {
        LuaTable table => table,
        byte[] => new LuaTable(),
        _ => throw LuaException.Raised(
            "attempt to index " + described.Replace("{0}", LuaValues.TypeOf(value), StringComparison.Ordinal), line),
    };

    private LuaExpression ReadPrimary()
    {
        LuaToken token = _tokens[_position++];
        switch (token.Kind)
        {
            case LuaTokenKind.Quoted:
                byte[] text = Encoding.Latin1.GetBytes(token.Text);
                return _ => text;
            case LuaTokenKind.Number when LuaValues.Parse(token.Text) is { } number:
                return _ => number;
            case LuaTokenKind.Name when FindVariable(token.Text) is { } variable:
                return frame => frame.Variables[variable];
            case LuaTokenKind.Symbol when token.Text == "(":
                LuaExpression inner = ReadExpression();
                Take(")");
                return inner;
            case LuaTokenKind.Symbol when token.Text == "{":
                return ReadTable();
            default:
                _position--;
                return ReadGlobal();
        }
    }

    // { value, name = value, ... }
    private LuaExpression ReadTable()
    {
        List<(string? Name, LuaExpression Value)> items = new List<(string? Name, LuaExpression Value)>();
        while (!Current.Is("}"))
        {
            string? name = null;
            if (Current.Kind == LuaTokenKind.Name && _tokens[_position + 1].Is("="))
            {
                name = TakeIdentifier();
                Take("=");
            }

            items.Add((name, ReadExpression()));
            if (!TryTake(",") && !TryTake(";"))
            {
                break;
            }
        }

        Take("}");
        return frame =>
        {
            LuaTable table = new LuaTable();
            foreach ((string? name, LuaExpression? value) in items)
            {
                if (name is null)
                {
                    table.Add(value(frame));
                }
                else
                {
                    table.With(name, value(frame));
                }
            }

            return table;
        };
    }
}
