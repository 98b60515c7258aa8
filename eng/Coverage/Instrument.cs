using System.Text.Json.Nodes;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace Posthouse.Coverage;

/// <summary>Copies a program's folder and lets every statement of the product's assemblies mark itself in the copy.</summary>
internal static class Instrument
{
    /// <summary>Beside the copy: line n names the file and line of statement n.</summary>
    public const string StatementsFile = "coverage.statements";

    private const int Hidden = 0xFEEFEE;

    public static void Folder(string program, string copy)
    {
        if (Directory.Exists(copy)) { Directory.Delete(copy, recursive: true); }
        foreach (var file in Directory.EnumerateFiles(program, "*", SearchOption.AllDirectories)) { Copy(file, Path.Combine(copy, Path.GetRelativePath(program, file))); }

        var statements = new List<string>();
        foreach (var assembly in Directory.EnumerateFiles(copy, "Posthouse*.dll").Where(IsProduct)) { Assembly(Path.Combine(program, Path.GetFileName(assembly)), assembly, statements); }

        var marker = typeof(Hits).Assembly.Location;
        File.Copy(marker, Path.Combine(copy, Path.GetFileName(marker)), overwrite: true);
        foreach (var dependencies in Directory.EnumerateFiles(copy, "*.deps.json")) { AddDependency(dependencies); }
        File.WriteAllLines(Path.Combine(copy, StatementsFile), statements);
        File.WriteAllBytes(Path.Combine(copy, Hits.FileName), new byte[Math.Max(1, statements.Count)]);
    }

    private static bool IsProduct(string path) => !Path.GetFileName(path).Contains("Tests", StringComparison.Ordinal) && File.Exists(Path.ChangeExtension(path, ".pdb"));

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(from, to, overwrite: true);
    }

    private static void Assembly(string from, string to, List<string> statements)
    {
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(Path.GetDirectoryName(from));
        using var module = ModuleDefinition.ReadModule(from, new ReaderParameters { ReadSymbols = true, AssemblyResolver = resolver });
        var mark = module.ImportReference(typeof(Hits).GetMethod(nameof(Hits.Mark)));
        foreach (var method in module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody)) { Method(method, mark, statements); }
        module.Write(to);
    }

    private static void Method(MethodDefinition method, MethodReference mark, List<string> statements)
    {
        var points = method.DebugInformation.SequencePoints.Where(point => point.StartLine != Hidden && IsWritten(point.Document.Url)).ToDictionary(point => point.Offset);
        if (points.Count == 0) { return; }

        var body = method.Body;
        var starts = body.Instructions.Where(instruction => points.ContainsKey(instruction.Offset)).Select(instruction => (instruction, points[instruction.Offset])).ToList();
        body.SimplifyMacros();
        foreach (var (instruction, point) in starts)
        {
            // The instruction becomes the mark and a copy of it follows, so that a jump to the statement is marked too.
            var original = Instruction.Create(OpCodes.Nop);
            (original.OpCode, original.Operand) = (instruction.OpCode, instruction.Operand);
            (instruction.OpCode, instruction.Operand) = (OpCodes.Ldc_I4, statements.Count);
            var processor = body.GetILProcessor();
            processor.InsertAfter(instruction, original);
            processor.InsertAfter(instruction, processor.Create(OpCodes.Call, mark));
            statements.Add($"{point.Document.Url}:{point.StartLine}");
        }

        body.OptimizeMacros();
    }

    private static bool IsWritten(string file) => !file.EndsWith(".g.cs", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal);

    /// <summary>The host loads only what this file lists.</summary>
    private static void AddDependency(string path)
    {
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        var name = typeof(Hits).Assembly.GetName().Name!;
        foreach (var (_, target) in root["targets"]!.AsObject()) { target![name + "/1.0.0"] = new JsonObject { ["runtime"] = new JsonObject { [name + ".dll"] = new JsonObject() } }; }
        root["libraries"]![name + "/1.0.0"] = new JsonObject { ["type"] = "project", ["serviceable"] = false, ["sha512"] = "" };
        File.WriteAllText(path, root.ToJsonString());
    }
}
