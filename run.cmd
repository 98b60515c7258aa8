@echo off
rem Builds posthouse (incrementally) and runs it. Without arguments: posthouse serve --dev.
setlocal
set "ROOT=%~dp0"
where dotnet >nul 2>nul || (echo posthouse: the .NET 10 SDK is needed; get it from https://dotnet.microsoft.com/download/dotnet/10.0 1>&2 & exit /b 1)
pushd "%ROOT%"
dotnet --version >nul 2>nul || (popd & echo posthouse: the .NET 10 SDK is needed; get it from https://dotnet.microsoft.com/download/dotnet/10.0 1>&2 & exit /b 1)
dotnet publish src\Posthouse.Cli -c Release -p:ArtifactsPath="%ROOT%artifacts\run\work" -o "%ROOT%artifacts\run\app" -v q --nologo 1>&2 || (popd & exit /b 1)
popd
if "%~1"=="" ("%ROOT%artifacts\run\app\Posthouse.Cli.exe" serve --dev) else ("%ROOT%artifacts\run\app\Posthouse.Cli.exe" %*)
exit /b %ERRORLEVEL%
