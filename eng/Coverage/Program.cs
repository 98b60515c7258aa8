using Posthouse.Coverage;

// Line coverage of the tests, for ./test --coverage:
//   instrument PROGRAM COPY   copies a test program's folder; in the copy every statement of the product marks its line
//   report COPY…              adds up what the copies marked; exit code 1 where a goal is missed
switch (args)
{
    case ["instrument", var program, var copy]:
        Instrument.Folder(program, copy);
        return 0;
    case ["report", .. var copies] when copies.Length > 0:
        return Report.Write(copies, Console.Out) ? 0 : 1;
    default:
        Console.Error.WriteLine("usage: Posthouse.Coverage instrument PROGRAM COPY | report COPY…");
        return 2;
}
